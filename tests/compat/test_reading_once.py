"""What stock asks the database again although it is known: asked once, and answered as before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Field, prefetch_related_objects
from django.test.utils import CaptureQueriesContext
from saleor.account.models import Address
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.checkout.utils import get_valid_shipping_methods_for_checkout
from saleor.core import analytics
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.order.utils import order_needs_automatic_fullfilment
from saleor.product.models import DigitalContent
from saleor.shipping.models import ShippingMethod

from saleor_o2o.compat.checkouts import REUSE
from tests.stock.world import World, make_order, make_world, money


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def checkout(world: World) -> Checkout:
    made: Checkout = Checkout.objects.create(email="li@example.com", shipping_address=world.address)
    CheckoutLine.objects.create(checkout=made, variant=world.variant, quantity=1)
    return made


def methods(checkout: Checkout) -> list[ShippingMethod]:
    return list(get_valid_shipping_methods_for_checkout(checkout, list(checkout), []))


def looked_up(captured: CaptureQueriesContext) -> int:
    return sum('FROM "shipping_shippingmethod"' in query["sql"] for query in captured)


def test_shipping_methods_of_a_step_are_looked_up_once(checkout: Checkout, world: World) -> None:
    # given: a step that says so
    checkout.__dict__[REUSE] = []

    # when
    with CaptureQueriesContext(connection) as captured:
        first, second = methods(checkout), methods(checkout)

    # then
    assert first == second == [world.method]
    assert looked_up(captured) == 1
    # the answer wrote its prices on them: whoever asks after it gets fresh ones
    second[0].price = money("99")
    assert methods(checkout)[0].price == world.method.price


def test_shipping_methods_are_looked_up_again_for_another_basket(checkout: Checkout, world: World) -> None:
    # given: looked up for one piece
    world.method.maximum_order_price_amount = Decimal(0)
    world.method.save()
    checkout.__dict__[REUSE] = []
    before = methods(checkout)

    # when: nothing is left that costs money
    checkout.lines.update(quantity=0)

    # then
    assert (before, methods(checkout)) == ([], [world.method])


def test_without_a_step_each_look_is_a_statement(checkout: Checkout) -> None:
    # when
    with CaptureQueriesContext(connection) as captured:
        methods(checkout)
        methods(checkout)

    # then
    assert looked_up(captured) == 2


@pytest.mark.parametrize("balances", [(), (10,), (10, "2.50")])
def test_the_balance_of_cards_that_were_read(checkout: Checkout, balances: tuple[Any, ...]) -> None:
    # given
    for number, balance in enumerate(balances):
        checkout.gift_cards.add(
            GiftCard.objects.create(
                code=f"CARD-{number}", start_date=date(2026, 1, 1), initial_balance_amount=balance,
                current_balance_amount=balance,
            )
        )  # fmt: skip
    asked = checkout.get_total_gift_cards_balance()
    prefetch_related_objects([checkout], "gift_cards")

    # when
    with CaptureQueriesContext(connection) as captured:
        known = checkout.get_total_gift_cards_balance()

    # then
    assert known == asked == money(str(sum(Decimal(balance) for balance in balances)))
    assert len(captured) == 0


def test_a_country_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    walked: list[Any] = []
    stock = Field.validate
    monkeypatch.setattr(
        Field, "validate", lambda self, value, row: (walked.append(value), stock(self, value, row))
    )
    field = Address._meta.get_field("country")

    # when
    field.validate("CN", None)

    # then: what is known is not looked for among all; what is not known is refused as before
    assert walked == []
    for nonsense in ("XX", "", None):
        with pytest.raises(ValidationError):
            field.validate(nonsense, None)
    assert walked == ["XX", "", None]


@pytest.mark.parametrize(
    ("digital", "content", "wanted"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_digital_goods_are_found_in_one_statement(
    world: World, settings: Any, digital: bool, content: bool, wanted: bool
) -> None:
    # given
    order = make_order(world)
    world.product_type.is_digital = digital
    world.product_type.save()
    if content:
        DigitalContent.objects.create(
            product_variant=world.variant, use_default_settings=False, automatic_fulfillment=True
        )
    order_needs_automatic_fullfilment(order)  # the site's settings are read once for all

    # when
    with CaptureQueriesContext(connection) as captured:
        found = order_needs_automatic_fullfilment(order)

    # then
    assert found is wanted
    assert len(captured) == 1


@pytest.mark.parametrize(("account", "reported"), [(None, 0), ("UA-1", 1)])
def test_lines_are_read_for_analytics_where_it_is_set_up(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch, account: str | None, reported: int
) -> None:
    # given
    order = Order.objects.get(pk=make_order(world).pk)
    settings.GOOGLE_ANALYTICS_TRACKING_ID = account
    sent: list[Any] = []
    monkeypatch.setattr(analytics.ga_report, "delay", lambda *told, **more: sent.append(told))

    # when
    with CaptureQueriesContext(connection) as captured:
        analytics.report_order("client", order)

    # then
    assert len(sent) == reported
    assert bool(len(captured)) is bool(reported)
