"""Points for something else than an order: signing in once a day, a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member, MemberStatus
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.events import publish

from ..errors import LoyaltyError, LoyaltyErrorCode
from ..events import PointsMoved
from ..kinds import Book, EntryKind, Occasion
from ..models import EarnRule, Entry
from ..rules import expiry, rules_in_force
from .ledger import Why, grant, lock_purses
from .levels import settle_level

#: How far back a row of days in succession is counted.
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Signed:
    """What a day's sign-in gave; `first` False: it was there already. `days` in succession, today included."""

    points: int
    growth: int
    days: int
    first: bool


@transaction.atomic
def sign_in(member: Member) -> Signed:
    """Sign in for today. Once a day: the second time, or at the same moment, gives nothing more. Locks: the purses.

    Raises NOT_OFFERED where no rule is in force, MEMBER_NOT_ACTIVE, LockTimeout.
    """
    require_active(member)
    rule = next(iter(rules_in_force(Occasion.SIGN_IN)), None)
    issuer = issuer_of(member)
    if rule is None or issuer is None:
        raise LoyaltyError(LoyaltyErrorCode.NOT_OFFERED, _("现在没有签到活动"))
    purses = lock_purses(member.pk)[member.pk]
    key = f"{member.pk}:{today():%Y%m%d}"
    done = Entry.objects.filter(biz_type="sign_in", biz_id=key).exists()
    days = streak(member.pk)
    if done:
        return Signed(0, 0, days, first=False)
    days += 1
    points = rule.points + (rule.streak_points if rule.streak and days % rule.streak == 0 else 0)
    _give(purses, rule, points, rule.growth, Why(EntryKind.SIGN_IN, "sign_in", key, issuer))
    return Signed(points, rule.growth, days, first=True)


def streak(member_id: int) -> int:
    """How many days in succession a member has signed in, up to today or, before today's, yesterday. One statement."""
    keys = set(
        Entry.objects.filter(member_id=member_id, biz_type="sign_in")
        .order_by("-pk")
        .values_list("biz_id", flat=True)[: 2 * LONGEST]
    )
    day, count = today(), 0
    if f"{member_id}:{day:%Y%m%d}" not in keys:
        day -= timedelta(days=1)
    while f"{member_id}:{day:%Y%m%d}" in keys and count < LONGEST:
        day -= timedelta(days=1)
        count += 1
    return count


@transaction.atomic
def give(
    member: Member, points: int, *, biz_type: str, biz_id: str, unit_id: int, growth: int = 0, months: int | None = 24,
    operator: Any = None, note: str = "",
) -> Entry:  # fmt: skip
    """Give points of a campaign, once per `biz_type` and `biz_id`. Locks: the purses. Raises KEY_REUSED, INVALID."""
    require_active(member)
    purses = lock_purses(member.pk)[member.pk]
    why = Why(EntryKind.ACTIVITY, biz_type, biz_id, unit_id, operator=operator, note=note)
    entry = grant(purses[Book.POINTS], Decimal(points), why, expires_at=expiry(months))
    if growth:
        grant(purses[Book.GROWTH], Decimal(growth), why)
        settle_level(member.pk)
    return entry


def require_active(member: Member) -> None:
    """Raise MEMBER_NOT_ACTIVE for a member who is frozen, blacklisted, merged or leaving."""
    if member.status != MemberStatus.ACTIVE:
        raise LoyaltyError(
            LoyaltyErrorCode.MEMBER_NOT_ACTIVE,
            _("该会员已停用，不能办理积分、储值业务"),
            hint=_("请先恢复会员状态"),
        )


def issuer_of(member: Member) -> int | None:
    """Who stands for points without an order: the city; the member's own unit pays nothing for a sign-in."""
    return OrgUnit.objects.filter(parent__isnull=True).values_list("pk", flat=True).first()


def _give(purses: Any, rule: EarnRule, points: int, growth: int, why: Why) -> None:
    if points:
        entry = grant(purses[Book.POINTS], Decimal(points), why, expires_at=expiry(rule.months))
        publish(
            PointsMoved(member_id=entry.member_id, entry_id=entry.pk, kind=str(entry.kind), points=points),
            key=f"member:{entry.member_id}",
        )
    if growth:
        entry = grant(purses[Book.GROWTH], Decimal(growth), why)
        settle_level(entry.member_id)
