"""The example city's plans: there once, sound, and giving something for every business line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from saleor.product.models import Category

from plugins.commissions.calculating import Sale, calculate
from plugins.commissions.models import BusinessCategory, CommissionPlan, CommissionRule, RateChange
from plugins.commissions.seeds import seed
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import today
from saleor_o2o.seeding.context import SeedContext


@pytest.fixture
def seeded(org: dict[str, OrgUnit]) -> SeedContext:
    for slug, name in (("fruit", "时令鲜果"), ("meat", "腊味肉禽")):
        Category.objects.create(name=name, slug=slug)
    context = SeedContext(say=lambda text: None)
    seed(context)
    return context


def test_seeding_twice_changes_nothing(seeded: SeedContext) -> None:
    # given
    assert seeded.created == {"分类归属": 2, "佣金方案": 3, "佣金规则": 27}
    CommissionPlan.objects.filter(code="CQ-STD").update(name="改过的名字")

    # when
    again = SeedContext(say=lambda text: None)
    seed(again)

    # then
    assert again.created == {}
    assert CommissionPlan.objects.get(code="CQ-STD").name == "改过的名字"
    assert CommissionRule.objects.filter(in_force=False).count() == 0
    assert set(RateChange.objects.values_list("state", flat=True)) == {"confirmed"}


def test_without_an_organisation_nothing_is_seeded(db: None) -> None:
    # given
    said: list[str] = []

    # when
    seed(SeedContext(say=said.append))

    # then
    assert said == ["佣金方案：还没有机构，跳过"]
    assert not BusinessCategory.objects.exists()


SALES = {
    "retail": ("8.00", {}),
    "produce": ("12.00", {}),
    "ticketing": ("10.00", {"quantity": 2}),
    "bills": ("0.80", {}),
    "tourism": ("18.00", {"rebate": Decimal("30.00")}),
    "convenience": ("4.00", {"fee": Decimal("10.00")}),
    "delivery": ("2.00", {}),
}


@pytest.mark.parametrize(("business", "expected"), SALES.items())
def test_every_business_line_gives_something_to_everybody(
    seeded: SeedContext, org: dict[str, OrgUnit], business: str, expected: tuple[str, dict[str, Decimal]]
) -> None:
    # when
    total, more = expected
    sale = Sale(org["B211"], business, Decimal("100.00"), today(), operator="李晓红", **more)
    result = calculate(sale)

    # then
    assert str(result.total) == total
    assert [part.rank for part in result.parts] == [1, 2, 3, 4, 6]
    assert all(part.amount > 0 for part in result.parts)


def test_the_countys_own_plan_counts_at_its_outlets(seeded: SeedContext, org: dict[str, OrgUnit]) -> None:
    # given
    sale = Sale(org["O1111"], "retail", Decimal("100.00"), today(), channel_type="outlet", operator="李晓红")

    # then: the city's for whom the county cannot speak; 6 / 4.5 / 1.5 below
    amounts = {part.rank: str(part.amount) for part in calculate(sale).parts}
    assert amounts == {1: "0.50", 2: "0.50", 3: "1.00", 4: "1.50", 5: "3.00", 6: "1.50"}
    assert date(today().year, 1, 1) == CommissionRule.objects.order_by("valid_from")[0].valid_from
