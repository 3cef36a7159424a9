"""Memberships when two members become one, when an account is closed, and when it is forgotten."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import (
    ClosingBlocker,
    register_closing_blocker,
    register_customer_erasure,
    register_customer_move,
)
from saleor_o2o.kernel.clock import now

from .choices import HELD, MembershipState, PlanKind
from .locks import lock_cards, lock_shelf
from .models import BenefitUse, Membership, Term, Wish
from .rules import days_between, last_day, to_midnight
from .services.cards import drop_card
from .services.terms import follow_terms


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("memberships", _move, _("付费会员与会员卡"))
    register_closing_blocker("memberships", _running)
    register_customer_erasure("memberships", _forget)


def _move(old: Any, new: Any) -> int:
    """In the transaction of the merge. What both have of a kind, or for a car, becomes one, its days added up.

    Locks: the memberships of both. Cars move afterwards, and of a plate that both have the kept member's row stays.
    """
    source, target = Member.objects.filter(user=old).first(), Member.objects.filter(user=new).first()
    Wish.objects.filter(user=old).update(user=new)
    if source is None or target is None:
        return 0
    theirs = lock_shelf(source.pk)
    ours = {(one.kind, one.vehicle_id): one for one in lock_shelf(target.pk)} if theirs else {}
    cars = _same_cars(source, target) if theirs else {}
    for one in theirs:
        car = cars.get(one.vehicle_id or 0, one.vehicle_id)
        same = ours.get((one.kind, car))
        if same is None or (one.kind == PlanKind.CAR and car is None):
            one.member, one.vehicle_id = target, car
            one.save(update_fields=["member", "vehicle"])
        else:
            _join(one, same)
    Term.objects.filter(giver=source).update(giver=target)
    return len(theirs)


def _same_cars(source: Member, target: Member) -> dict[int, int]:
    """Of cars that both have, by plate: the second's row to the first's. Two statements."""
    ours = dict(target.vehicles.values_list("digest", "pk"))
    return {pk: ours[digest] for digest, pk in source.vehicles.values_list("digest", "pk") if digest in ours}


def _join(source: Membership, target: Membership) -> None:
    """The days that are left of one membership follow on another's, with what was used, and the card if there was none.

    Along go quotes that may be paid yet, and terms whose refund may fail yet. Two cards never stand for one membership.
    """
    moment = now()
    for term in source.terms.filter(voided_at__isnull=True, ends_at__gt=moment).order_by("starts_at"):
        left = term.ends_at - max(term.starts_at, moment)
        term.starts_at = max(moment, target.ends_at if target.state == MembershipState.ACTIVE else moment)
        term.ends_at = to_midnight(term.starts_at + left)
        term.membership = target
        term.save(update_fields=["membership", "starts_at", "ends_at"])
        follow_terms(target)
    source.terms.filter(voided_at__isnull=False, asked_at__isnull=False).update(membership=target)
    source.quotes.update(membership=target)
    BenefitUse.objects.filter(membership=source).update(membership=target)
    held = list(source.cards.filter(state__in=HELD))
    if held and not target.cards.filter(state__in=HELD).exists():
        source.cards.filter(state__in=HELD).update(membership=target)
    else:
        for card in lock_cards([one.pk for one in held]):
            drop_card(card, source.member, "system", str(_("会员合并，另有一张卡")))
    follow_terms(source, why="merged")


def _running(user: Any) -> list[ClosingBlocker]:
    """Nobody loses paid days unasked: he gives them up first, in words, or lets them run out."""
    rows = Membership.objects.filter(
        member__user_id=user.pk, state=MembershipState.ACTIVE, ends_at__gt=now()
    ).select_related("plan")
    return [
        ClosingBlocker(
            _("%(plan)s有效期至 %(day)s，还剩 %(days)d 天")
            % {"plan": one.plan.name, "day": last_day(one.ends_at), "days": days_between(now(), one.ends_at)},
            _("请在“我的会员”里申请退款，或确认放弃剩余天数"),
        )
        for one in rows
    ]


def _forget(user: Any) -> int:
    """The mobiles of those to whom something was given."""
    return int(Wish.objects.filter(user=user).delete()[0])
