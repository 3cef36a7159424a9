"""An organisation, a shop and a plan in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from saleor.order.models import Order
from saleor.product.models import Category

from plugins.commissions.models import BusinessCategory, CommissionPlan
from plugins.org_hierarchy.models import OrderAttribution, OrgUnit

from ..orgs import small_org
from ..stock.world import World, make_order, make_world
from .rates import install, plan_of, rule

#: 市 12 / 片区 11.4 / 区县 10.8 / 支局 9 / 网点 6 / 店员 1.5
PRODUCE = {1: "12", 2: "11.4", 3: "10.8", 4: "9", 5: "6", 6: "1.5"}


@pytest.fixture
def org(db: None) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def shop(db: None) -> World:
    return make_world()


@pytest.fixture
def fruit(shop: World) -> Category:
    """The shop's category, a kind of produce."""
    BusinessCategory.objects.create(category=shop.category, business="produce")
    return shop.category


@pytest.fixture
def standard(org: dict[str, OrgUnit]) -> CommissionPlan:
    """The city's plan for produce and retail."""
    plan = plan_of(org["CQ"])
    install(plan, rule(PRODUCE, business="produce"), rule())
    return plan


@pytest.fixture
def order_at(shop: World) -> Callable[..., Order]:
    """An order of two boxes at 39.90, attributed to a unit as the organisation would."""

    def make(
        unit: OrgUnit, *, quantity: int = 2, changes: dict[str, Any] | None = None, **claim: Any
    ) -> Order:
        order = make_order(shop, quantity, **(changes or {}))
        OrderAttribution.objects.create(order=order, unit=unit, org_path=unit.path, basis="test", **claim)
        return order

    return make
