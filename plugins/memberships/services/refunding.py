"""Money back: in full within seven days where nothing was used; whatever else refunds an order, its terms follow.

As with recharges, the term is cut first, under the membership's lock, then the cashier gives the money back under a
number written before. Nobody can use a benefit meanwhile; if the cashier refuses, or the refund fails, it is put back.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member
from saleor_o2o.cashier.interfaces import came_back, refund_order
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.ordering.interfaces import sync_order

from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..locks import lock_membership
from ..models import Membership, Term
from ..using import used_since
from .granting import void_coupons
from .terms import cut, follow_terms, uncut

ASKED = audit.action("memberships.refund_asked", _("会员申请退款"))
GIVEN_UP = audit.action("memberships.given_up", _("会员主动退出"))
#: How long a buyer may change his mind.
REGRET = timedelta(days=7)
#: How a term's note begins that its member gave up: no refund that fails brings it back.
GAVE_UP = "[放弃]"
#: After so long a refund that was asked for and not handed to the cashier is handed to it again.
PATIENCE = timedelta(minutes=2)


def refusal_of(term: Term) -> MembershipError | None:
    """Why a term cannot be refunded by its buyer now; None where it can."""
    if term.order_id is None or term.paid <= 0:
        return MembershipError(Code.NOT_REFUNDABLE, _("不是购买的会员，没有可退的金额"), "term")
    if term.voided_at is not None or term.replaced_by_id is not None:
        return MembershipError(
            Code.NOT_REFUNDABLE, _("这一期会员已退款、退出或已升级"), "term", _("已升级的请先退升级的那一笔")
        )
    if term.made_at + REGRET <= now():
        return MembershipError(
            Code.REFUND_TOO_LATE,
            _("购买已超过 7 天，不能退款"),
            "term",
            _("会员可用到到期日；有疑问请拨打 11185"),
        )
    if used := used_since(term):
        return MembershipError(
            Code.BENEFIT_USED, _("已经使用过会员权益（%(what)s），不能退款") % {"what": used}, "term",
            _("7 天内没有使用权益才能全额退款"),
        )  # fmt: skip
    return None


def ask_refund(by: Any, buyer: Member, term_pk: int) -> Term:
    """The buyer wants a term's money back, all of it. Again: the same refund.

    Locks: the membership; then the cashier's. Raises NOT_FOUND for somebody else's, NOT_REFUNDABLE, REFUND_TOO_LATE,
    BENEFIT_USED, and what the cashier refuses with (everything is as it was then).
    """
    found = Term.objects.filter(
        Q(giver=buyer) | Q(giver=None, membership__member=buyer), pk=term_pk
    ).select_related("unit").first()  # fmt: skip
    if found is None:
        raise MembershipError(Code.NOT_FOUND, _("没有这一期会员"), "term")
    with transaction.atomic():
        membership = lock_membership(found.membership_id)
        term = Term.objects.select_related("membership").get(pk=found.pk)
        if term.asked_at is not None and term.voided_at is not None:
            return term
        if refusal := refusal_of(term):
            raise refusal
        term.asked_at, term.refunds = now(), term.refunds + 1
        term.save(update_fields=["asked_at", "refunds"])
        void_coupons(term)
        cut(term, term.asked_at)
        follow_terms(membership, why="refund")
        audit.record(
            ASKED, membership, after={"order": term.order_id, "amount": term.paid}, actor=actor_label(by),
            org_path=found.unit.path,
        )  # fmt: skip
    _hand_over(term.pk, by)
    return Term.objects.get(pk=term.pk)


def _key(term: Term) -> str:
    return f"membership:{term.pk}:{term.refunds}"


def _hand_over(term_pk: int, by: Any) -> None:
    term = Term.objects.get(pk=term_pk)
    if term.order_id is None:
        return
    reason = str(_("会员 7 天内未使用权益，全额退款"))
    try:
        refund_order(
            term.order_id, term.paid, reason=reason, key=_key(term), by=actor_label(by) if by else "system"
        )
    except DomainError:
        with transaction.atomic():
            membership = lock_membership(term.membership_id)
            fresh = Term.objects.select_related("plan", "membership").get(pk=term_pk)
            fresh.asked_at = None
            fresh.save(update_fields=["asked_at"])
            uncut(fresh)
            follow_terms(membership)
        raise
    # the cashier has it: nothing more to hand over
    Term.objects.filter(pk=term_pk, asked_at__isnull=False).update(line_gone=True)


def hand_over_again() -> int:
    """Refunds that were asked for and not handed to the cashier (a crash between): once more, under the same number."""
    done = 0
    waiting = Term.objects.filter(asked_at__lt=now() - PATIENCE, voided_at__isnull=False, line_gone=False)
    for term in waiting.order_by("pk")[:200]:
        try:
            _hand_over(term.pk, None)
            done += 1
        except DomainError:
            continue
    return done


@transaction.atomic
def follow_order(order_id: Any, *, lines_gone: tuple[int, ...] = (), failed_key: str = "") -> None:
    """Bring the terms of an order to where its money is: all of it back, or all of a line, or a refund that failed.

    Locks: the memberships in their order, one after the other. Raises LockTimeout.
    """
    terms = list(Term.objects.filter(order_id=order_id).order_by("membership_id", "pk"))
    if not terms:
        return
    profile = sync_order(order_id)
    total = _total(terms)
    whole = profile is not None and (profile.closed_at is not None or 0 < total <= profile.refunded)
    for membership_id in dict.fromkeys(one.membership_id for one in terms):
        membership = lock_membership(membership_id)
        for term in Term.objects.select_related("plan", "membership").filter(
            order_id=order_id, membership=membership
        ):
            _settle(term, whole, lines_gone, failed_key)
        follow_terms(membership, why="refund")


def _settle(term: Term, whole: bool, lines_gone: tuple[int, ...], failed_key: str) -> None:
    if term.order_line_id in lines_gone:
        term.line_gone = True
        term.save(update_fields=["line_gone"])
    if term.asked_at is not None and failed_key == _key(term) and came_back(failed_key)[0] > 0:
        term.asked_at, term.line_gone, whole = None, False, False
        term.save(update_fields=["asked_at", "line_gone"])
    gone = whole or term.line_gone or term.asked_at is not None
    if gone and term.voided_at is None:
        cut(term, now())
    elif not gone and term.voided_at is not None and not term.note.startswith(GAVE_UP):
        uncut(term)


def _total(terms: list[Term]) -> Decimal:
    from saleor.order.models import Order

    order = Order.objects.get(pk=terms[0].order_id)
    total: Decimal = order.total_gross_amount
    return total


@transaction.atomic
def give_up(member: Member, number: str) -> Membership:
    """The member wants no more of a membership: it ends now, without money. Again: the same.

    Locks: the membership. Raises NOT_FOUND.
    """
    found = Membership.objects.filter(member=member, number=number).first()
    if found is None:
        raise MembershipError(Code.NOT_FOUND, _("没有这个会员资格"), "number")
    membership = lock_membership(found.pk)
    moment = now()
    for term in reversed(
        list(membership.terms.filter(voided_at__isnull=True, ends_at__gt=moment).order_by("starts_at"))
    ):
        term.note = f"{GAVE_UP}{term.note}"[:200]
        term.save(update_fields=["note"])
        term.was_until, term.ends_at, term.voided_at = term.ends_at, max(term.starts_at, moment), moment
        term.save(update_fields=["was_until", "ends_at", "voided_at"])
    follow_terms(membership, why="given up")
    audit.record(GIVEN_UP, membership, after={"state": str(membership.state)})
    return membership
