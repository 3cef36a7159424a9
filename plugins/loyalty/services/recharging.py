"""Recharges: a paid order line fills the balance; money that goes back takes its part out again.

As with points, every piece of news looks at the order and books the difference. A refund to source is asked for here:
what is still there of that very recharge is taken out first, under the purse's lock, then the cashier gives it back
under a number written before. Nobody can spend it meanwhile, and if the cashier refuses, it is put back.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from plugins.members.interfaces import current, ensure_member
from saleor_o2o.cashier.interfaces import refund_order
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import round_yuan
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.ordering.interfaces import fulfil_all, lock_for_fulfilment, sub_order_lines_of, sync_order

from ..errors import LoyaltyError
from ..errors import LoyaltyErrorCode as Code
from ..kinds import Book, EntryKind
from ..models import Balance, Entry, Lot, Purse, Recharge, RechargePackage
from ..permissions import BALANCE_FREEZE, BALANCE_REFUND
from ..selectors import unit_of_order
from .earning import gone_of_lines
from .ledger import ZERO, Why, grant, lock_purses, take_back

FROZEN = audit.action("loyalty.balance_frozen", _("冻结储值余额"))
THAWED = audit.action("loyalty.balance_thawed", _("解冻储值余额"))
REFUND_ASKED = audit.action("loyalty.recharge_refund_asked", _("充值原路退款"))
SHORTEST = 4
#: After so long a refund that was asked for and not handed to the cashier is handed to it again.
PATIENCE = timedelta(minutes=2)


@transaction.atomic
def fill(order_id: Any) -> int:
    """Put what a paid order recharges into its buyer's balance, and hand the lines over; how many lines. Again: none.

    Locks: the order with its stock, the member's purses, the sub-orders. Raises LockTimeout, FulfilmentRefused.
    """
    packages = {
        row.variant_id: row for row in RechargePackage.objects.filter(variant__order_lines__order_id=order_id)
    }
    order = Order.objects.select_related("user").filter(pk=order_id).first() if packages else None
    if order is None or order.user is None or order.user.is_staff:
        return 0
    locked = lock_for_fulfilment(order_id)
    if locked is None or Recharge.objects.filter(order_id=order_id).exists():
        return 0
    member = current(ensure_member(order.user))
    purse = lock_purses(member.pk)[member.pk][Book.BALANCE]
    lines = [line for line in sub_order_lines_of(order_id) if line.order_line.variant_id in packages]
    known: set[int] = set()
    unit = unit_of_order(order_id)
    done = 0
    for line in lines:
        if line.order_line_id in known or line.total <= 0:
            continue
        known.add(line.order_line_id)
        bonus = packages[line.order_line.variant_id].bonus * line.quantity
        key = str(line.order_line_id)
        entry = grant(purse, line.total, Why(EntryKind.RECHARGE, "recharge", key, unit, order_id))
        more = grant(purse, bonus, Why(EntryKind.BONUS, "bonus", key, unit, order_id)) if bonus else None
        Recharge.objects.create(
            order_line=line.order_line, order=order, member=member, unit_id=unit, entry=entry, bonus_entry=more,
            paid=line.total, bonus=bonus, kept_paid=line.total, kept_bonus=bonus,
        )  # fmt: skip
        done += 1
    if done:
        wanted = {line.order_line_id: line.order_line.quantity for line in lines}
        fulfil_all(locked, order.user, only=wanted)
    return done


@transaction.atomic
def follow(order_id: Any) -> None:
    """Bring the recharges of an order to where its money is. Locks: the purses, then the sub-orders.

    Raises LockTimeout.
    """
    first = Recharge.objects.select_related("member").filter(order_id=order_id).first()
    if first is None:
        return
    member = current(first.member)
    purse = lock_purses(member.pk)[member.pk][Book.BALANCE]
    profile = sync_order(order_id)
    rows = list(
        Recharge.objects.select_related("entry", "bonus_entry").filter(order_id=order_id).order_by("pk")
    )
    refunded = profile.refunded if profile is not None else ZERO
    gone = gone_of_lines(order_id, [(row.order_line_id, row.paid) for row in rows], refunded)
    for row, back in zip(rows, gone, strict=True):
        _settle(row, purse, max(back, row.asked))


def ask_refund(by: Any, recharge_pk: int | str, reason: str) -> Recharge:
    """Give back to the payer what is left of a recharge; its bonus goes in proportion. Nothing is typed.

    Locks: the member's purses; then the cashier's. Raises OutOfScope, NotAllowed, REQUIRED, NOTHING_TO_REFUND,
    BALANCE_FROZEN, and what the cashier refuses with (everything is as it was then).
    """
    found = get_row(by, Recharge.objects.select_related("member", "unit"), pk=recharge_pk)
    require(by, BALANCE_REFUND, found)
    told = reason.strip()[:200]
    if len(told) < SHORTEST:
        raise LoyaltyError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    with transaction.atomic():
        member = current(found.member)
        purse = lock_purses(member.pk)[member.pk][Book.BALANCE]
        if purse.is_frozen:
            raise frozen(purse)
        [row] = lock_rows(Recharge.objects.select_related("entry", "bonus_entry").filter(pk=found.pk))
        left = min(_left(row, purse), row.kept_paid)
        if left <= 0:
            raise LoyaltyError(
                Code.NOTHING_TO_REFUND,
                _("这笔充值已经用完或退完，没有可退的金额"),
                hint=_("已用的部分请按订单退款"),
            )
        row.asked = row.paid - row.kept_paid + left
        row.refunds += 1
        row.asked_at, row.reason = now(), told
        row.save(update_fields=["asked", "refunds", "asked_at", "reason"])
        _settle(row, purse, row.asked)
        audit.record(
            REFUND_ASKED, row, after={"order": row.order_id, "amount": left, "reason": told}, actor=actor_label(by),
            org_path=found.unit.path,
        )  # fmt: skip
    _hand_over(row.pk, left, by)
    return Recharge.objects.get(pk=row.pk)


def hand_over_again() -> int:
    """Refunds that were asked for and not handed to the cashier (a crash between): once more, under the same number."""
    done = 0
    waiting = Recharge.objects.filter(asked__gt=0, asked_at__lt=now() - PATIENCE).order_by("asked_at")
    for row in waiting[:200]:
        profile = sync_order(row.order_id)
        open_ = row.asked - (profile.refunded if profile is not None else ZERO)
        if open_ > 0:
            try:
                _hand_over(row.pk, open_, None)
                done += 1
            except DomainError:
                continue
        else:
            Recharge.objects.filter(pk=row.pk, asked=row.asked).update(asked_at=None)
    return done


@transaction.atomic
def set_frozen(by: Any, purse_pk: int, frozen_: bool, reason: str) -> Purse:
    """Freeze a balance, or free it, with a reason. Locks: the purse. Raises OutOfScope, NotAllowed, REQUIRED."""
    found = get_row(by, Balance, pk=purse_pk, book=Book.BALANCE)
    require(by, BALANCE_FREEZE, found)
    told = reason.strip()[:200]
    if len(told) < SHORTEST:
        raise LoyaltyError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    purse = lock_purses(found.member_id)[found.member_id][Book.BALANCE]
    if purse.is_frozen != frozen_:
        purse.is_frozen, purse.frozen_reason = frozen_, told if frozen_ else ""
        purse.save(update_fields=["is_frozen", "frozen_reason"])
        audit.record(FROZEN if frozen_ else THAWED, purse, after={"reason": told}, actor=actor_label(by))
    return purse


def frozen(purse: Purse) -> LoyaltyError:
    """The refusal of a frozen balance."""
    return LoyaltyError(
        Code.BALANCE_FROZEN, _("储值余额已冻结，不能使用或退款"), hint=_("请到网点或拨打 11185 咨询")
    )


def _left(row: Recharge, purse: Purse) -> Decimal:
    """What is there of a recharge's own money: its lot, or what was moved with a merge."""
    own = Lot.objects.filter(entry_id=row.entry_id, purse=purse).aggregate(sum=Sum("left"))["sum"]
    return own if own is not None else ZERO


def _hand_over(recharge_pk: int, amount: Decimal, by: Any) -> None:
    row = Recharge.objects.get(pk=recharge_pk)
    key = f"recharge:{row.pk}:{row.refunds}"
    try:
        refund_order(
            row.order_id, amount, reason=str(_("储值退款：%(why)s") % {"why": row.reason}), key=key,
            by=actor_label(by) if by is not None else "", user=by,
        )  # fmt: skip
    except DomainError:
        # the cashier has not taken it on: what was taken out is put back
        Recharge.objects.filter(pk=row.pk, refunds=row.refunds).update(asked=ZERO, asked_at=None)
        follow(row.order_id)
        raise


def _settle(row: Recharge, purse: Purse, gone: Decimal) -> None:
    """Book what more, or less, of a recharge stands than did."""
    paid = row.paid - min(gone, row.paid)
    bonus = row.bonus - round_yuan(row.bonus * min(gone, row.paid) / row.paid)
    number = Entry.objects.filter(order_id=row.order_id, book=Book.BALANCE).count()
    key = f"{row.order_line_id}:{number}"
    for name, target, first, kinds in (
        ("paid", paid, row.entry, (EntryKind.RECHARGE, EntryKind.RECHARGE_BACK)),
        ("bonus", bonus, row.bonus_entry, (EntryKind.BONUS, EntryKind.BONUS_BACK)),
    ):
        difference = target - getattr(row, f"kept_{name}")
        if difference > 0:
            grant(purse, difference, Why(kinds[0], f"recharge_{name}", key, row.unit_id, row.order_id))
        elif difference < 0:
            take_back(
                purse, first, -difference, Why(kinds[1], f"recharge_{name}", key, row.unit_id, row.order_id)
            )
        setattr(row, f"kept_{name}", target)
    row.save(update_fields=["kept_paid", "kept_bonus"])
