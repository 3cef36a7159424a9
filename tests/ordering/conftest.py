"""A mall of two sellers: a merchant's tea, our own oranges in two warehouses, a card that is fetched at the branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker
from saleor.order.models import Order
from saleor.plugins.models import PluginConfiguration
from saleor.product.models import Product, ProductType, ProductVariant
from saleor.warehouse.models import Stock, Warehouse

from saleor_o2o.cashier import registry
from saleor_o2o.cashier.models import PaymentAttempt
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.models import (
    OrderProfile,
    OrderTimeline,
    ProductTypeLine,
    Seller,
    SellerProduct,
    SubOrder,
    TimerRule,
)
from tests.buying.pretended import PretendedProvider
from tests.buying.shopper import GATEWAY, choose_payment, complete, fill_checkout, start
from tests.stock.world import World, make_address, make_world, money
from tests.wiping import wipe

DAY = 24 * 60


@dataclass
class Mall:
    """The goods and who sells them."""

    world: World
    merchant: Seller
    tea: ProductVariant
    card: ProductVariant
    east: Warehouse
    provider: PretendedProvider

    @property
    def orange(self) -> ProductVariant:
        return self.world.variant

    def place(self, wanted: dict[ProductVariant, int] | None = None, **more: Any) -> Order:
        """Three parts: two oranges and a tea sent, a card fetched; paid later."""
        lines = wanted or {self.orange: 2, self.tea: 1, self.card: 1}
        checkout = fill_checkout(self.world, lines, self.world.customer)
        assert choose_payment(checkout)["paymentErrors"] == []
        done = complete(checkout, self.world.customer)
        assert done["checkoutErrors"] == []
        return Order.objects.get(token=done["order"]["token"])

    def pay(self, order: Order) -> None:
        """The payer pays by code; the news comes."""
        start(order)
        self.confirm(PaymentAttempt.objects.filter(intent__order=order).latest("pk").number)

    def confirm(self, number: str) -> None:
        """The provider says that a trade is paid."""
        self.provider.trades[number].state = TradeState.PAID
        confirm_paid(self.provider.fact(number))


def _product(world: World, kind: ProductType, name: str, sku: str, price: str) -> ProductVariant:
    product = Product.objects.create(
        name=name, slug=sku.lower(), product_type=kind, category=world.category, price=money(price),
        minimal_variant_price=money(price), is_published=True,
    )  # fmt: skip
    return ProductVariant.objects.create(product=product, sku=sku, name="一份")


@pytest.fixture
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The shop of the stock tests; commits are real and wiped afterwards."""
    with django_db_blocker.unblock():
        wipe()
        yield make_world()
        wipe()


@pytest.fixture
def mall(world: World, monkeypatch: pytest.MonkeyPatch) -> Mall:
    """Clocks of ten, seven, fifteen and fifteen days; payment by a provider in this process."""
    for kind, days in (("receive", 10), ("after_sale", 7), ("review", 15), ("complaint", 15)):
        TimerRule.objects.create(kind=kind, minutes=days * DAY, valid_from=now() - timedelta(days=1))
    merchant = Seller.objects.create(code="M01", name="城口山货")
    tea = _product(world, world.product_type, "鸡鸣茶", "TEA", "60.00")
    SellerProduct.objects.create(product=tea.product, seller=merchant)
    fetched = ProductType.objects.create(name="自提", slug="fetched", is_shipping_required=False)
    ProductTypeLine.objects.create(product_type=fetched, line="service", mode="pickup")
    card = _product(world, fetched, "生日蛋糕卡", "CARD", "88.00")
    east = Warehouse.objects.create(name="万州仓", slug="wanzhou", address=make_address())
    east.shipping_zones.add(world.zone)
    for variant in (tea, card):
        Stock.objects.create(warehouse=world.warehouse, product_variant=variant, quantity=10)
    PluginConfiguration.objects.create(identifier=GATEWAY, active=True, configuration=[])
    provider = PretendedProvider()
    monkeypatch.setitem(registry._PROVIDERS, GATEWAY, provider)
    return Mall(world, merchant, tea, card, east, provider)


@pytest.fixture
def order(mall: Mall) -> Order:
    """Unpaid: two oranges (79.80), a tea (60.00), a card to fetch (88.00), freight 10.00; 237.80 in all."""
    return mall.place()


def states(order: Order) -> list[str]:
    """The states of the parts, in their order, then the order's."""
    parts = SubOrder.objects.filter(order=order).order_by("position")
    return [*parts.values_list("state", flat=True), OrderProfile.objects.get(order=order).state]


def totals(order: Order) -> list[Decimal]:
    """The parts' totals, in their order."""
    return list(SubOrder.objects.filter(order=order).order_by("position").values_list("total", flat=True))


def told(order: Order) -> list[str]:
    """The kinds of the timeline's entries, oldest first."""
    return list(OrderTimeline.objects.filter(order=order).order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def later() -> Callable[[Order], None]:
    """Let every clock of an order run out."""

    def run_out(order: Order) -> None:
        moment = now() - timedelta(seconds=1)
        parts = SubOrder.objects.filter(order=order)
        parts.filter(receive_by__isnull=False).update(receive_by=moment)
        parts.filter(after_sale_until__isnull=False).update(after_sale_until=moment)

    return run_out
