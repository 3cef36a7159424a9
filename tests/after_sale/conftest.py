"""A shopper who bought three oranges and a pomelo from B111 of county C11, and the people who look after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User
from saleor.order.models import Order
from saleor.plugins.models import PluginConfiguration
from saleor.product.models import Product, ProductVariant
from saleor.warehouse.models import Stock

from plugins.after_sale.models import AfterSale
from plugins.after_sale.services.applying import Wanted, apply
from plugins.org_hierarchy.models import DataScope, OrderAttribution, OrgUnit
from saleor_o2o.cashier import registry
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.cashier.ports import RefundState, TradeState
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.cashier.services.refunding import apply_refund_fact, drive_refund
from saleor_o2o.ordering.interfaces import fulfil_all, lock_for_fulfilment
from saleor_o2o.ordering.models import SubOrder, SubOrderLine
from tests.buying.pretended import PretendedProvider
from tests.buying.shopper import GATEWAY, choose_payment, complete, fill_checkout, start
from tests.orgs import person, small_org
from tests.stock.world import World, make_world, money
from tests.wiping import wipe

D = Decimal
KEY = "key-0000-"


@pytest.fixture
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One product at 39.90, ten in stock; commits are real and wiped afterwards."""
    with django_db_blocker.unblock():
        wipe()
        yield make_world()
        wipe()


@dataclass
class Shop:
    """People, places, goods, and a provider without HTTP."""

    world: World
    org: dict[str, OrgUnit]
    provider: PretendedProvider
    pomelo: ProductVariant
    people: dict[str, User] = field(default_factory=dict)

    @property
    def shopper(self) -> User:
        """Who buys."""
        return self.world.customer

    def buy(self, lines: dict[ProductVariant, int] | None = None, *, unit: str = "B111") -> Order:
        """An order, paid; three oranges (39.90), a pomelo (25.00) and freight 10.00 unless said otherwise."""
        wanted = lines or {self.world.variant: 3, self.pomelo: 1}
        checkout = fill_checkout(self.world, wanted, self.shopper)
        assert choose_payment(checkout)["paymentErrors"] == []
        done = complete(checkout, self.shopper)
        assert done["checkoutErrors"] == []
        order = Order.objects.get(token=done["order"]["token"])
        at = self.org[unit]
        OrderAttribution.objects.update_or_create(
            order=order, defaults={"unit": at, "org_path": at.path, "basis": "test"}
        )
        known = set(self.provider.trades)
        assert start(order)["errors"] == []
        [number] = set(self.provider.trades) - known
        self.provider.trades[number].state = TradeState.PAID
        confirm_paid(self.provider.fact(number))
        return order

    def send(self, order: Order) -> None:
        """Everything leaves the house."""
        with transaction.atomic():
            locked = lock_for_fulfilment(order.pk)
            assert locked is not None
            fulfil_all(locked, self.people["clerk"])

    def part(self, order: Order) -> SubOrder:
        """The order's only part."""
        return SubOrder.objects.get(order=order)

    def line(self, order: Order, variant: ProductVariant | None = None) -> SubOrderLine:
        """The part's line of a variant (the oranges)."""
        return SubOrderLine.objects.get(
            sub_order__order=order, order_line__variant=variant or self.world.variant
        )

    def ask(self, order: Order, key: str = "1", **wanted: Any) -> AfterSale:
        """The shopper applies; everything that is left, as a refund, unless said otherwise."""
        told = {"kind": "refund", "reason": "changed_mind", **wanted}
        return apply(self.shopper, order.pk, Wanted(self.part(order).pk, **told), key=f"{KEY}{key}")

    def arrive(self, row: AfterSale, *, closed: bool = False) -> None:
        """The provider pays the refund out, or closes it, and says so."""
        refund = OrderRefund.objects.get(key=AfterSale.objects.get(pk=row.pk).refund_key).remote.get()
        number = refund.number
        drive_refund(refund.pk)
        [trade] = [one for one in self.provider.trades.values() if number in one.refunds]
        fen, _state = trade.refunds[number]
        trade.refunds[number] = (fen, RefundState.CLOSED if closed else RefundState.SUCCEEDED)
        apply_refund_fact(self.provider.refund_fact(number))


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """WeChat Pay in this process; B111's clerk (refund 100), the county (500), the area (2000), the city (50000)."""
    PluginConfiguration.objects.create(identifier=GATEWAY, active=True, configuration=[])
    provider = PretendedProvider()
    monkeypatch.setitem(registry._PROVIDERS, GATEWAY, provider)
    org = small_org()
    product = Product.objects.create(
        name="梁平柚", slug="pomelo", product_type=world.product_type, category=world.category, price=money("25.00"),
        minimal_variant_price=money("25.00"), is_published=True,
    )  # fmt: skip
    pomelo = ProductVariant.objects.create(product=product, sku="POMELO", name="一个")
    Stock.objects.create(warehouse=world.warehouse, product_variant=pomelo, quantity=10)
    selling = ("after_sale.view", "after_sale.decide", "complaint.view", "complaint.answer", "approval.view")
    handling = (*selling, "after_sale.approve", "complaint.handle", "approval.decide")
    people = {
        "clerk": person(org["B111"], "clerk", selling, limits={"refund": "100.00"}),
        "county": person(org["C11"], "county", handling, limits={"refund": "500.00"}),
        "area": person(org["A1"], "area", handling, limits={"refund": "2000.00"}),
        "stranger": person(org["C12"], "stranger", handling, limits={"refund": "5000.00"}),
        "viewer": person(org["C11"], "viewer", ("after_sale.view", "complaint.view")),
        "city": person(
            org["CQ"],
            "city",
            (*handling, "complaint.rule"),
            scope=DataScope.ALL,
            limits={"refund": "50000.00"},
        ),
    }
    return Shop(world, org, provider, pomelo, people)


@pytest.fixture
def fresh() -> Callable[[Any], Any]:
    """A row as the database has it now."""
    return lambda row: type(row)._default_manager.get(pk=row.pk)
