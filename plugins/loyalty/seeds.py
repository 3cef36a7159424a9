"""Demo: a ladder of levels, first rules and a rate, and members with points of different ages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from plugins.members.interfaces import Member, MemberStatus
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .kinds import Book, EntryKind, Occasion
from .models import (
    DeductRule,
    EarnRule,
    Entry,
    Level,
    LoyaltyTerms,
    MemberPriceRule,
    RechargePackage,
    SettlementRate,
)
from .rules import expiry
from .services.ledger import Why, grant, lock_purses
from .services.levels import settle_level
from .services.packages import make_package

LADDER = (
    ("basic", "普通会员", 0, 100, "消费得积分"),
    ("silver", "银卡会员", 500, 110, "积分 1.1 倍"),
    ("gold", "金卡会员", 2000, 130, "积分 1.3 倍"),
    ("platinum", "白金会员", 8000, 150, "积分 1.5 倍，优先客服"),
)
#: Recharges: yuan, and yuan on top.
PACKAGES = ((50, 0), (100, 5), (300, 20), (500, 50))
#: What members of a level pay of the ordinary price, in percent.
DISCOUNTS = (("silver", 98), ("gold", 95), ("platinum", 92))
#: Months ago and what was bought then, in turn.
PAST = ((23, 120), (14, 260), (5, 640), (1, 1580), (3, 2460), (8, 90), (2, 8600))
MEMBERS = 60


def seed(context: SeedContext) -> None:
    """Write what is missing; what the city has changed stays."""
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=120)
        context.count("会员等级", _ladder())
        context.count("积分规则", _rules())
        context.count("积分抵扣规则", _deductions())
        context.count("充值套餐", _packages())
        context.count("会员折扣", _member_prices())
        context.count("有积分的会员", _members())


def _ladder() -> int:
    if Level.objects.exists():
        return 0
    made = [
        Level(code=code, name=name, rank=rank, threshold=threshold, points_percent=percent, note=note)
        for rank, (code, name, threshold, percent, note) in enumerate(LADDER, 1)
    ]
    return len(Level.objects.bulk_create(made))


def _rules() -> int:
    if EarnRule.objects.exists():
        return 0
    since = now() - timedelta(days=730)
    if not LoyaltyTerms.objects.exists():
        LoyaltyTerms.objects.create(valid_from=since, note="首期期限")
    if not SettlementRate.objects.exists():
        SettlementRate.objects.create(per_hundred=Decimal("0.80"), valid_from=since, note="首期清算价")
    made = [
        EarnRule(occasion=Occasion.ORDER, rate=1, growth_rate=1, valid_from=since, note="每元 1 分"),
        EarnRule(occasion=Occasion.COUNTER, rate=1, growth_rate=1, valid_from=since, note="柜台同网上"),
        EarnRule(
            occasion=Occasion.SIGN_IN, points=5, growth=1, streak=7, streak_points=20, months=12, valid_from=since,
            note="连续 7 天另加 20 分",
        ),
        EarnRule(
            occasion=Occasion.REFERRAL, points=50, growth=20, months=12, valid_from=since, note="好友首单后给推荐人",
        ),
    ]  # fmt: skip
    return len(EarnRule.objects.bulk_create(made))


def _deductions() -> int:
    """Half of any goods may be paid with points, a hundred for a yuan; without a rule nobody can use any."""
    if DeductRule.objects.exists():
        return 0
    since = now() - timedelta(days=30)
    DeductRule.objects.create(percent=50, per_hundred=Decimal(1), valid_from=since, note="全部商品最多抵一半")
    return 1


def _packages() -> int:
    """What may be recharged; goods like all others, so the warehouses are there before."""
    if RechargePackage.objects.exists():
        return 0
    for amount, bonus in PACKAGES:
        note = f"充 {amount} 送 {bonus}" if bonus else ""
        make_package(None, Decimal(amount), Decimal(bonus), note)
    return len(PACKAGES)


def _member_prices() -> int:
    """A first ladder of discounts on our own goods."""
    if MemberPriceRule.objects.exists():
        return 0
    since = now() - timedelta(days=30)
    levels = {level.code: level for level in Level.objects.filter(code__in=dict(DISCOUNTS))}
    made = [
        MemberPriceRule(level=levels[code], percent=percent, valid_from=since, note="自营商品")
        for code, percent in DISCOUNTS
        if code in levels
    ]
    return len(MemberPriceRule.objects.bulk_create(made))


def _members() -> int:
    if Entry.objects.exists():
        return 0
    city = OrgUnit.objects.filter(parent__isnull=True).values_list("pk", flat=True).first()
    if city is None:
        return 0
    found = list(Member.objects.filter(status=MemberStatus.ACTIVE).order_by("pk")[:MEMBERS])
    for place, member in enumerate(found):
        unit = member.home_unit_id or city
        for turn in range(1 + place % 3):
            months, paid = PAST[(place + turn) % len(PAST)]
            with frozen(now() - timedelta(days=30 * months)) as moment:
                purses = lock_purses(member.pk)[member.pk]
                why = Why(
                    EntryKind.ACTIVITY,
                    "seed",
                    f"{member.pk}:{turn}",
                    unit,
                    note=f"{moment:%Y-%m} 线下消费补记",
                )
                grant(purses[Book.POINTS], Decimal(paid), why, expires_at=expiry(24))
                grant(purses[Book.GROWTH], Decimal(paid), why)
        settle_level(member.pk)
    return len(found)
