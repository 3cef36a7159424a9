"""The example city's plans: rates as a postal company might have them, to be changed by whoever runs it.

A city plan for all business lines, one for remote counties that leaves more below, and one county's own plan.
Existing plans are left alone. The first versions are in force since the beginning of the year without dual control:
there was nobody to confirm them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from saleor.product.models import Category

from plugins.channels.interfaces import ChannelType
from plugins.org_hierarchy.interfaces import BusinessScope, Level, OrgUnit
from saleor_o2o.kernel.clock import today

from .choices import Base, ChangeState, Kind, TierMode
from .engine.facts import Rule, RuleTier
from .loading import Categories
from .models import BusinessCategory, CommissionPlan, RateChange
from .services.changes import for_plan, lock_plans, put_in_force, row_of
from .tiers_text import parse_tiers

if TYPE_CHECKING:
    from saleor_o2o.seeding.context import SeedContext

STANDARD, REMOTE = "CQ-STD", "CQ-REMOTE"
#: Categories of the seeded shop by slug, and their business line.
BUSINESS_OF = {
    "fruit": "produce", "vegetables": "produce", "meat": "produce", "pickles": "produce", "seasoning": "produce",
    "snacks": "produce", "staples": "produce", "tea": "produce", "tonic": "produce",
}  # fmt: skip
B, C, K = BusinessScope, ChannelType, Kind
#: business, category slug, channel type, kind, base, 市/片区/区县/支局/网点/店员, cap
CITY_RULES: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    (B.RETAIL, "", "", K.RATIO, Base.PAID, "8/7.5/7/5.5/3.5/1", ""),
    (B.RETAIL, "", C.MICRO_SHOP, K.RATIO, Base.PAID, "10/9.6/9.2/8/6.5/-", ""),
    (B.RETAIL, "", C.STATION, K.RATIO, Base.PAID, "9/8.6/8.2/7/5.5/-", ""),
    (B.RETAIL, "", C.THIRD_PARTY, K.RATIO, Base.PAID, "5/4.8/4.5/4/3/-", "200"),
    (B.PRODUCE, "", "", K.RATIO, Base.PAID, "12/11.4/10.8/9/6/1.5", ""),
    (B.PRODUCE, "", C.MICRO_SHOP, K.TIERED, Base.PAID,
     "0: 12/11.5/11/10/8/-; 5000: 13/12.5/12/11/9/-; 20000: 15/14.5/14/13/11/-", ""),
    (B.PRODUCE, "", C.STATION, K.RATIO, Base.PAID, "12/11.5/11/9.5/7.5/-", ""),
    (B.PRODUCE, "meat", "", K.RATIO, Base.PAID, "10/9.5/9/7.5/5/1", ""),
    (B.PRODUCE, "meat", C.MICRO_SHOP, K.RATIO, Base.PAID, "10/9.6/9.2/8.4/7/-", ""),
    (B.PRODUCE, "meat", C.STATION, K.RATIO, Base.PAID, "10/9.5/9/8/6.5/-", ""),
    (B.TICKETING, "", "", K.UNIT, Base.PAID, "5/4.5/4/3/2/1", ""),
    (B.TICKETING, "", C.MICRO_SHOP, K.UNIT, Base.PAID, "5/4.6/4.2/3.5/2.8/-", ""),
    (B.TICKETING, "", C.KIOSK, K.UNIT, Base.PAID, "3/2.5/2/1.5/0.8/-", ""),
    (B.BILLS, "", "", K.UNIT, Base.PAID, "0.8/0.75/0.7/0.55/0.4/0.15", ""),
    (B.BILLS, "", C.STATION, K.UNIT, Base.PAID, "0.8/0.75/0.7/0.6/0.5/-", ""),
    (B.BILLS, "", C.MICRO_SHOP, K.UNIT, Base.PAID, "0.8/0.75/0.7/0.6/0.5/-", ""),
    (B.TOURISM, "", "", K.RATIO, Base.REBATE, "60/56/52/45/32/10", "500"),
    (B.CONVENIENCE, "", "", K.RATIO, Base.FEE, "40/38/36/30/22/8", ""),
    (B.CONVENIENCE, "", C.STATION, K.RATIO, Base.FEE, "45/43/41/36/30/-", ""),
    (B.DELIVERY, "", "", K.FIXED, Base.PAID, "2/1.85/1.7/1.3/0.9/0.4", ""),
)  # fmt: skip
REMOTE_RULES: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    (B.RETAIL, "", "", K.RATIO, Base.PAID, "10/9.7/9.4/7.5/5/1.5", ""),
    (B.PRODUCE, "", "", K.RATIO, Base.PAID, "15/14.6/14.2/12/8.5/2", ""),
    (B.TICKETING, "", "", K.UNIT, Base.PAID, "5/4.7/4.4/3.5/2.5/1.2", ""),
    (B.BILLS, "", "", K.UNIT, Base.PAID, "1/0.95/0.9/0.75/0.55/0.2", ""),
    (B.CONVENIENCE, "", "", K.RATIO, Base.FEE, "50/48/46/40/30/10", ""),
)
#: The county plan: its own outlets only, within the county's 7 and 9 (cured meat).
COUNTY_RULES: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    (B.RETAIL, "", C.OUTLET, K.RATIO, Base.PAID, "-/-/-/6/4.5/1.5", ""),
    (B.PRODUCE, "", C.OUTLET, K.RATIO, Base.PAID, "-/-/-/8.8/6.8/2", ""),
)


@transaction.atomic
def seed(context: SeedContext) -> None:
    """Write the plans that are missing; without a city centre there is nothing to hang them on."""
    city = OrgUnit.objects.filter(parent__isnull=True).first()
    if city is None:
        context.say("佣金方案：还没有机构，跳过")
        return
    _map_categories(context)
    _plan(context, city, STANDARD, "全市标准方案", CITY_RULES, default=True)
    _plan(context, city, REMOTE, "边远区县扶持方案", REMOTE_RULES)
    county = OrgUnit.objects.filter(level=Level.COUNTY).order_by("path").first()
    if county is not None:
        name = county.short_name or county.name
        _plan(context, county, f"{county.code}-OWN"[:40], f"{name}自定方案", COUNTY_RULES)


def _map_categories(context: SeedContext) -> None:
    there = {one.slug: one for one in Category.objects.filter(slug__in=BUSINESS_OF)}
    for slug, category in there.items():
        _row, fresh = BusinessCategory.objects.get_or_create(
            category=category, defaults={"business": BUSINESS_OF[slug]}
        )
        context.count("分类归属", int(fresh))


def _plan(
    context: SeedContext,
    owner: OrgUnit,
    code: str,
    name: str,
    table: tuple[tuple[str, str, str, str, str, str, str], ...],
    *,
    default: bool = False,
) -> None:
    base = owner.level == Level.CITY
    if CommissionPlan.objects.filter(code=code).exists() or (
        not base and CommissionPlan.objects.filter(owner=owner).exists()
    ):
        return
    default = default and not CommissionPlan.objects.filter(is_default=True).exists()
    plan = CommissionPlan.objects.create(
        code=code, name=name, owner=owner, is_base=base, is_default=default, note="示例费率，请按实际协议修改"
    )
    lock_plans([owner.pk])
    start = date(today().year, 1, 1)
    categories = Categories()
    slugs = dict(Category.objects.values_list("slug", "pk"))
    rules = [
        for_plan(plan, rule) for row in table if (rule := _rule(row, start, slugs, categories)) is not None
    ]
    change = RateChange.objects.create(plan=plan, reason="期初费率", state=ChangeState.CONFIRMED)
    for rule in rules:
        row_of(rule, plan, change).save()
    put_in_force(plan, change, earliest=start)
    context.count("佣金方案", 1)
    context.count("佣金规则", len(rules))


def _rule(
    row: tuple[str, str, str, str, str, str, str],
    start: date,
    slugs: dict[str, int],
    categories: Categories,
) -> Rule | None:
    """A row of the tables; None for a category that the shop does not have."""
    business, slug, channel_type, kind, base, rates, cap = row
    if slug and slug not in slugs:
        return None
    category = slugs.get(slug)
    tiers = parse_tiers(rates.replace("; ", "\n")) if kind == Kind.TIERED else _one_tier(rates)
    return Rule(
        business=business, kind=kind, tiers=tiers, valid_from=start, category_id=category,
        category_name=categories.name(category) if category is not None else "", channel_type=str(channel_type),
        base=base, tier_mode=TierMode.WHOLE, cap=Decimal(cap) if cap else None,
    )  # fmt: skip


def _one_tier(rates: str) -> tuple[RuleTier, ...]:
    return parse_tiers(f"0: {rates}")
