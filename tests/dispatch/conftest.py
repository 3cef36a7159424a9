"""Two branches of one county with areas side by side, a shopper in the first one's, and the people who deliver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User
from saleor.order.models import Order
from saleor.plugins.models import PluginConfiguration
from saleor.product.models import ProductVariant

from plugins.dispatch import serving
from plugins.dispatch.models import DispatchEntry, DispatchTask
from plugins.dispatch.services import escalating
from plugins.org_hierarchy.models import DataScope, OrderAttribution, OrgUnit
from plugins.service_map.interfaces import Located
from plugins.service_map.sync import sync_all
from saleor_o2o.cashier import registry
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.interfaces import fulfil_all, lock_for_fulfilment
from saleor_o2o.ordering.models import SubOrder
from tests.buying.pretended import PretendedProvider
from tests.buying.shopper import GATEWAY, choose_payment, complete, fill_checkout, start
from tests.orgs import again, person, small_org
from tests.stock.world import World, make_world
from tests.wiping import wipe

#: The two areas share the edge at 106.60; nobody's is what lies east of 106.70.
FIRST, SECOND, NOBODYS = (106.55, 29.55), (106.65, 29.55), (106.75, 29.55)


def square(west: float, east: float) -> dict[str, Any]:
    """An area between two meridians."""
    south, north = 29.5, 29.6
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One product at 39.90, ten in stock; commits are real and wiped afterwards."""
    with django_db_blocker.unblock():
        wipe()
        yield make_world()
        wipe()


@dataclass
class Map:
    """What the map answers: a position, None for an unknown address, or trouble; and how often it was asked."""

    answer: Any = FIRST
    confidence: float = 0.95
    asked: list[tuple[str, str]] = field(default_factory=list)

    def locate(self, address: str, district: str = "") -> Located | None:
        """In the place of the provider."""
        self.asked.append((district, address))
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            return None
        lng, lat = self.answer
        return Located(lng, lat, "门牌号", self.confidence, address, district, "500103")


@dataclass
class Shop:
    """People, places, goods, a map and a provider without HTTP."""

    world: World
    org: dict[str, OrgUnit]
    provider: PretendedProvider
    map: Map
    people: dict[str, User] = field(default_factory=dict)

    def who(self, name: str) -> User:
        """A person as the next request would read it."""
        return again(self.people[name])

    def buy(self, lines: dict[ProductVariant, int] | None = None, *, unit: str = "B111") -> Order:
        """An order of two oranges, paid; attributed to a unit."""
        order = self.place(lines, unit=unit)
        self.pay(order)
        return order

    def place(self, lines: dict[ProductVariant, int] | None = None, *, unit: str = "B111") -> Order:
        """An order that is not paid yet."""
        checkout = fill_checkout(self.world, lines or {self.world.variant: 1}, self.world.customer)
        assert choose_payment(checkout)["paymentErrors"] == []
        done = complete(checkout, self.world.customer)
        assert done["checkoutErrors"] == []
        order = Order.objects.get(token=done["order"]["token"])
        at = self.org[unit]
        OrderAttribution.objects.update_or_create(
            order=order, defaults={"unit": at, "org_path": at.path, "basis": "test"}
        )
        return order

    def pay(self, order: Order) -> None:
        """The money comes."""
        known = set(self.provider.trades)
        assert start(order)["errors"] == []
        [number] = set(self.provider.trades) - known
        self.provider.trades[number].state = TradeState.PAID
        confirm_paid(self.provider.fact(number))

    def send(self, order: Order) -> None:
        """Everything leaves the house."""
        with transaction.atomic():
            locked = lock_for_fulfilment(order.pk)
            assert locked is not None
            fulfil_all(locked, self.world.admin)

    def part(self, order: Order) -> SubOrder:
        """The order's only part."""
        return SubOrder.objects.get(order=order)

    def task(self, order: Order | None = None) -> DispatchTask:
        """The only task, or an order's, as the database has it."""
        rows = DispatchTask.objects.select_related("unit", "holder", "offered_to")
        return rows.get(order=order) if order is not None else rows.get()

    def story(self, task: DispatchTask) -> list[str]:
        """What happened to a task, in words for programs."""
        return list(DispatchEntry.objects.filter(task=task).order_by("pk").values_list("deed", flat=True))

    def let_time_pass(self, task: DispatchTask) -> None:
        """The clock of a task runs out, and the sweep comes by."""
        DispatchTask.objects.filter(pk=task.pk).update(due_at=now() - timedelta(seconds=1))
        escalating.sweep()


GRABS = ("dispatch.view", "dispatch.grab")
MANAGES = (*GRABS, "dispatch.assign")


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """渝中区 is county C11's; the customer lives in B111's area unless the map says otherwise."""
    PluginConfiguration.objects.create(identifier=GATEWAY, active=True, configuration=[])
    provider = PretendedProvider()
    monkeypatch.setitem(registry._PROVIDERS, GATEWAY, provider)
    org = small_org()
    for code, name, region in (
        ("C11", "渝中", "500103"),
        ("C12", "江北", "500105"),
        ("C21", "万州", "500101"),
    ):
        OrgUnit.objects.filter(code=code).update(short_name=name, region_code=region)
    for code, name, area in (
        ("B111", "大溪沟支局", square(106.5, 106.6)), ("B112", "两路口支局", square(106.6, 106.7)),
    ):  # fmt: skip
        OrgUnit.objects.filter(code=code).update(short_name=name, service_area=area)
    org = {code: OrgUnit.objects.get(code=code) for code in org}
    sync_all()
    pretended = Map()
    monkeypatch.setattr(serving, "locate", pretended.locate)
    people = {
        "courier": person(org["B111"], "courier", GRABS, scope=DataScope.UNIT),
        "clerk": person(org["B111"], "clerk", GRABS),
        "manager": person(org["B111"], "manager", MANAGES),
        "neighbour": person(org["B112"], "neighbour", GRABS),
        "chief": person(org["B112"], "chief", MANAGES),
        "county": person(org["C11"], "county", (*MANAGES, "dispatch.export")),
        "viewer": person(org["C11"], "viewer", ("dispatch.view",)),
        "stranger": person(org["C12"], "stranger", (*MANAGES, "dispatch.export")),
        "area": person(org["A1"], "area", (*MANAGES, "dispatch.export")),
        "city": person(org["CQ"], "city", (*MANAGES, "dispatch.export", "dispatch_rule.view", "dispatch_rule.create",
                                           "dispatch_rule.edit"), scope=DataScope.ALL),
    }  # fmt: skip
    return Shop(world, org, provider, pretended, people)


@pytest.fixture
def fresh() -> Callable[[Any], Any]:
    """A row as the database has it now."""
    return lambda row: type(row)._default_manager.get(pk=row.pk)
