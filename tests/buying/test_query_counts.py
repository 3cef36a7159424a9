"""How many statements the hot operations take."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Stock

from saleor_o2o.kernel.events import publishing
from tests.stock.world import World

from .conftest import WechatPay
from .shopper import GATEWAY, choose_payment, complete, fill_checkout, start

DUMMY = "mirumee.payments.dummy"
#: Measured for one line, and for each further one. A charged order's further ones are in the mails of a paid order,
#: which these tests send at once; events are a worker's work, not delivered here. A change that needs more has to
#: say why.
#: A paid order also moves its sub-orders: their lock, the facts, the move with its log, the timeline and two events.
LIMITS = {GATEWAY: (54, 0), DUMMY: (85, 4)}


def lines_of(world: World, count: int) -> dict[ProductVariant, int]:
    made = {world.variant: 1}
    for number in range(count - 1):
        variant = ProductVariant.objects.create(
            product=world.product, sku=f"SKU-{number}", name=f"{number} 千克"
        )
        Stock.objects.create(warehouse=world.warehouse, product_variant=variant, quantity=10)
        made[variant] = 1
    return made


@pytest.fixture(autouse=True)
def _no_receivers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_dispatch", lambda event_id: None)


def statements(world: World, gateway: str, count: int) -> int:
    cart = fill_checkout(world, lines_of(world, count))
    choose_payment(cart, gateway, "token")
    with CaptureQueriesContext(connection) as captured:
        assert complete(cart)["checkoutErrors"] == []
    return len(captured)


@pytest.mark.parametrize("gateway", [GATEWAY, DUMMY])
def test_checkout_complete(world: World, wechat: WechatPay, gateway: str) -> None:
    # given caches are warm
    statements(world, gateway, 1)
    ProductVariant.objects.exclude(pk=world.variant.pk).delete()

    # when
    one = statements(world, gateway, 1)
    five = statements(world, gateway, 5)

    # then
    most, more = LIMITS[gateway]
    assert one <= most
    assert five - one <= 4 * more


def test_payment_start(world: World, wechat: WechatPay) -> None:
    # given
    from saleor.order.models import Order

    cart = fill_checkout(world, lines_of(world, 3))
    choose_payment(cart)
    order = Order.objects.get(token=complete(cart)["order"]["token"])
    start(order)

    # when
    with CaptureQueriesContext(connection) as captured:
        assert start(order)["errors"] == []

    # then
    assert len(captured) <= 22
