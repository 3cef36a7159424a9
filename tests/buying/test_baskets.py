"""One request from basket to payable order: as exact, as safe and as polite as the six steps."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql_relay import from_global_id
from saleor.account.models import Address, User
from saleor.discount.models import Voucher
from saleor.order.models import Order
from saleor.payment.models import Payment, Transaction
from saleor.plugins.models import PluginConfiguration
from saleor.product.models import Product, ProductType, ProductVariant
from saleor.warehouse.models import Allocation, Stock

from plugins.wechat_pay.saleor_plugin import WechatPayPlugin
from saleor_o2o.cashier.models import PaymentIntent
from saleor_o2o.ordering.models import ProductTypeLine, ShippingMethodMode, SubOrder
from saleor_o2o.ordering.services import placement
from tests.concurrency.test_stock_race import unlocked, without_trigger
from tests.stock.world import World, gid
from tests.threads import together

from .conftest import WechatPay
from .shopper import ADDRESS, GATEWAY, ask, choose_payment, complete, fill_checkout, post, start

PLACE = """mutation($key: String!, $input: BasketInput!, $gateway: String!, $expected: Decimal) {
  orderPlace(key: $key, input: $input, gateway: $gateway, expectedTotal: $expected) {
    order { id token status total { gross { amount } } } errors { field message hint code } } }"""
QUOTE = """query($input: BasketInput!) { basketQuote(input: $input) { errors { code field }
  quote { lines { quantity variant { id } total { gross { amount } } } shippingMethods { id name } pickupMethods
    subtotal { gross { amount } } shipping { gross { amount } } discount { amount } total { gross { amount } }
    needsAddress errors { code field message } } } }"""


@pytest.fixture
def paid_later(world: World) -> World:
    """WeChat Pay is switched on; ordering does not speak to it."""
    PluginConfiguration.objects.update_or_create(
        identifier=GATEWAY, defaults={"active": True, "configuration": WechatPayPlugin.DEFAULT_CONFIGURATION}
    )
    return world


def basket(world: World, lines: dict[ProductVariant, int] | int = 1, **more: Any) -> dict[str, Any]:
    wanted = {world.variant: lines} if isinstance(lines, int) else lines
    return {
        "lines": [{"variantId": gid("ProductVariant", v), "quantity": q} for v, q in wanted.items()],
        "email": "li@example.com",
        "shippingAddress": ADDRESS,
        "shippingMethod": gid("ShippingMethod", world.method),
        **more,
    }


def place(
    data: dict[str, Any],
    key: str | None = None,
    gateway: str = GATEWAY,
    expected: str | None = None,
    user: Any = None,
) -> dict[str, Any]:
    variables = {"key": key or uuid4().hex, "input": data, "gateway": gateway, "expected": expected}
    return ask(PLACE, variables, user)["orderPlace"]


def refusal(answer: dict[str, Any]) -> tuple[str, str | None]:
    assert answer["order"] is None
    return answer["errors"][0]["code"], answer["errors"][0]["field"]


def nothing_written() -> None:
    assert (Order.objects.count(), Payment.objects.count(), Allocation.objects.count()) == (0, 0, 0)
    assert PaymentIntent.objects.count() == 0


def test_a_basket_becomes_an_order_that_can_be_paid(world: World, wechat: WechatPay) -> None:
    # when
    told = place(basket(world, 2))

    # then
    assert told["errors"] == []
    order = Order.objects.get(token=told["order"]["token"])
    assert order.total.gross.amount == Decimal("89.80")  # 2 × 39.90 and 10.00 for the parcel
    assert (order.shipping_address.city, order.billing_address.city) == ("渝中区", "渝中区")
    assert order.shipping_address_id != order.billing_address_id
    assert Allocation.objects.get().quantity_allocated == 2
    assert [part.total for part in SubOrder.objects.filter(order=order)] == [Decimal("89.80")]
    assert PaymentIntent.objects.get(order=order).amount == Decimal("89.80")
    assert [move.kind for move in Transaction.objects.all()] == ["auth"]
    # and when the payer pays
    assert start(order)["errors"] == []
    wechat.pay(order)
    assert wechat.deliver(wechat.hear()) == 204


@pytest.mark.parametrize("promoted", [False, True])
def test_it_costs_what_the_six_steps_cost(paid_later: World, promoted: bool) -> None:
    # given
    code = "NEWYEAR" if promoted else ""
    if promoted:
        Voucher.objects.create(
            code=code, type="entire_order", discount_value_type="percentage", discount_value=15
        )
    cart = fill_checkout(paid_later, 3)
    if promoted:
        added = ask(
            """mutation($id: ID!) { checkoutAddPromoCode(checkoutId: $id, promoCode: "NEWYEAR") {
            checkout { totalPrice { gross { amount } } } checkoutErrors { code } } }""",
            {"id": cart["id"]},
        )["checkoutAddPromoCode"]
        cart["total"] = added["checkout"]["totalPrice"]["gross"]["amount"]
    choose_payment(cart)
    slow = complete(cart)["order"]

    # when
    told = place(basket(paid_later, 3, promoCode=code))

    # then
    assert told["order"]["total"] == slow["total"]
    first, second = Order.objects.order_by("pk")
    for field in ("discount_amount", "shipping_price_gross_amount", "weight", "voucher_id"):
        assert getattr(first, field) == getattr(second, field), field
    lines = [
        order.lines.values("product_name", "variant_name", "product_sku", "quantity", "tax_rate",
                           "unit_price_gross_amount", "is_shipping_required").get()
        for order in (first, second)
    ]  # fmt: skip
    assert lines[0] == lines[1]


def test_the_same_key_again_gives_the_same_order(paid_later: World) -> None:
    # when
    key = uuid4().hex
    first, second = place(basket(paid_later), key), place(basket(paid_later), key)

    # then
    assert first == second
    assert (Order.objects.count(), Allocation.objects.count(), Payment.objects.count()) == (1, 1, 1)


def test_eight_taps_at_once_make_one_order(paid_later: World) -> None:
    # when
    key = uuid4().hex
    told = together(*[partial(place, basket(paid_later), key)] * 8)

    # then
    assert len({answer["order"]["token"] for answer in told}) == 1
    assert Order.objects.count() == 1


def test_a_key_of_another_basket_is_refused(paid_later: World) -> None:
    # given
    key = uuid4().hex
    place(basket(paid_later, 1), key)

    # when
    told = place(basket(paid_later, 2), key)

    # then
    assert refusal(told)[0] == "IDEMPOTENCY_CONFLICT"
    assert Order.objects.count() == 1


def test_a_guests_key_is_not_a_members(paid_later: World) -> None:
    # when
    key = uuid4().hex
    guest, member = place(basket(paid_later), key), place(basket(paid_later), key, user=paid_later.customer)

    # then
    assert guest["order"]["token"] != member["order"]["token"]
    assert [order.user_id for order in Order.objects.order_by("pk")] == [None, paid_later.customer.pk]


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"lines": []}, ("EMPTY", "lines")),
        ({"quantity": 0}, ("QUANTITY_INVALID", "lines")),
        ({"quantity": -3}, ("QUANTITY_INVALID", "lines")),
        ({"quantity": 51}, ("QUANTITY_INVALID", "lines")),
        ({"quantity": 11}, ("INSUFFICIENT_STOCK", "lines")),
        ({"variant": "UHJvZHVjdFZhcmlhbnQ6OTk5OTk5"}, ("GOODS_GONE", "lines")),
        ({"variant": "???"}, ("GOODS_GONE", "lines")),
        ({"email": ""}, ("EMAIL_REQUIRED", "email")),
        ({"shippingAddress": None}, ("ADDRESS_REQUIRED", "shippingAddress")),
        ({"shippingAddress": {**ADDRESS, "city": "没有这个区"}}, ("ADDRESS_INVALID", "shippingAddress.city")),
        ({"shippingAddress": {**ADDRESS, "phone": "12"}}, ("ADDRESS_INVALID", "shippingAddress.phone")),
        ({"shippingMethod": None}, ("METHOD_REQUIRED", "shippingMethod")),
        ({"shippingMethod": "U2hpcHBpbmdNZXRob2Q6OTk5OTk5"}, ("METHOD_NOT_APPLICABLE", "shippingMethod")),
        ({"promoCode": "NOSUCH"}, ("PROMO_CODE_INVALID", "promoCode")),
        ({"gateway": "mirumee.payments.dummy"}, ("GATEWAY_NOT_OFFERED", "gateway")),
        ({"gateway": "nothing"}, ("GATEWAY_NOT_OFFERED", "gateway")),
        ({"expected": "49.89"}, ("AMOUNT_CHANGED", "expectedTotal")),
        ({"key": "short"}, ("KEY_INVALID", "key")),
        ({"source": "NOSHOP00"}, ("SHOP_CLOSED", "shop_code")),
    ],
)
def test_a_refused_basket_leaves_nothing(
    paid_later: World, change: dict[str, Any], refused: tuple[str, str]
) -> None:
    # given
    addresses = Address.objects.count()
    data = basket(paid_later)
    options = {name: change.pop(name) for name in ("gateway", "expected", "key") if name in change}
    data["lines"][0]["quantity"] = change.pop("quantity", 1)
    data["lines"][0]["variantId"] = change.pop("variant", data["lines"][0]["variantId"])
    data.update(change)

    # when
    told = place(data, **options)

    # then
    assert refusal(told) == refused
    assert told["errors"][0]["message"]
    nothing_written()
    assert Address.objects.count() == addresses


def test_a_shortage_says_what_is_left(paid_later: World) -> None:
    # when
    told = place(basket(paid_later, 11))

    # then
    assert told["errors"][0]["message"].endswith("库存不足，现有 10 件")


def test_a_switched_off_gateway_makes_no_order(paid_later: World) -> None:
    # given
    PluginConfiguration.objects.update(active=False)

    # when
    told = place(basket(paid_later))

    # then
    assert refusal(told) == ("GATEWAY_NOT_OFFERED", "gateway")
    nothing_written()


def test_a_gift_that_costs_nothing_is_paid_at_once(paid_later: World) -> None:
    # given
    paid_later.product.price_amount = 0
    paid_later.product.save()
    paid_later.method.price_amount = 0
    paid_later.method.save()

    # when
    told = place(basket(paid_later))

    # then
    order = Order.objects.get(token=told["order"]["token"])
    assert (order.total.gross.amount, order.is_fully_paid()) == (Decimal(0), True)
    assert Payment.objects.count() == 0


def test_a_quote_shows_prices_before_all_is_filled_in_and_writes_nothing(paid_later: World) -> None:
    # when
    data = {"lines": basket(paid_later, 2)["lines"]}
    with CaptureQueriesContext(connection) as captured:
        told = ask(QUOTE, {"input": data})["basketQuote"]

    # then
    assert told["errors"] == []
    quote = told["quote"]
    assert (quote["subtotal"]["gross"]["amount"], quote["total"]["gross"]["amount"]) == (79.8, 79.8)
    assert [error["code"] for error in quote["errors"]] == [
        "ADDRESS_REQUIRED",
        "EMAIL_REQUIRED",
        "ADDRESS_REQUIRED",
    ]
    assert not [query["sql"] for query in captured if not query["sql"].startswith(("SELECT", "WITH"))]
    # and with an address
    quote = ask(QUOTE, {"input": basket(paid_later, 2)})["basketQuote"]["quote"]
    assert (quote["shipping"]["gross"]["amount"], quote["total"]["gross"]["amount"]) == (10.0, 89.8)
    assert ([method["name"] for method in quote["shippingMethods"]], quote["errors"]) == (["快递包裹"], [])
    assert quote["pickupMethods"] == []

    # when: the goods are fetched by this method
    key = quote["shippingMethods"][0]["id"]
    ShippingMethodMode.objects.create(shipping_method_id=from_global_id(key)[1])

    # then
    quote = ask(QUOTE, {"input": basket(paid_later, 2)})["basketQuote"]["quote"]
    assert quote["pickupMethods"] == [key]


def test_what_comes_by_itself_needs_no_address(paid_later: World) -> None:
    # given: money on account; and a card that is fetched
    addresses = Address.objects.count()
    for slug, mode in (("money", "virtual"), ("fetched", "pickup")):
        kind = ProductType.objects.create(name=slug, slug=slug, is_shipping_required=False)
        ProductTypeLine.objects.create(product_type=kind, line="service", mode=mode)
    data = {"lines": basket(paid_later, 1)["lines"]}
    member = paid_later.customer

    def asked(slug: str, user: User | None) -> tuple[bool, list[str]]:
        Product.objects.update(product_type=ProductType.objects.get(slug=slug))
        quote = ask(QUOTE, {"input": {**data, "email": "guest@example.com"}}, user)["basketQuote"]["quote"]
        return quote["needsAddress"], [error["code"] for error in quote["errors"]]

    # then: a guest says where he lives, and whoever fetches something which outlet is his
    assert asked("fetched", member) == (True, ["ADDRESS_REQUIRED"])
    assert asked("money", None) == (True, ["ADDRESS_REQUIRED"])
    assert asked("money", member) == (False, [])

    # when
    told = place(data, user=member)

    # then: a payable order without anybody's address
    order = Order.objects.get(token=told["order"]["token"])
    assert (order.shipping_address, order.billing_address, Address.objects.count()) == (None, None, addresses)
    assert SubOrder.objects.get(order=order).mode == "virtual"
    assert PaymentIntent.objects.get(order=order).amount == order.total_gross_amount


def test_bad_types_are_no_server_error(paid_later: World) -> None:
    # when
    answer = post(PLACE, {"key": 1, "input": {"lines": "x"}, "gateway": GATEWAY})

    # then
    assert answer["errors"]


def crowd(world: World) -> Counter[str]:
    told = together(*[partial(place, basket(world)) for _ in range(24)])
    return Counter(answer["errors"][0]["code"] if answer["errors"] else "order" for answer in told)


def test_twenty_four_baskets_for_ten_units(paid_later: World, settings: Any) -> None:
    # given a machine may be slow; giving up is another test's matter
    settings.O2O_LOCK_TIMEOUT = 30

    # when
    outcomes = crowd(paid_later)

    # then
    assert outcomes == Counter({"order": 10, "INSUFFICIENT_STOCK": 14})
    assert sum(Allocation.objects.values_list("quantity_allocated", flat=True)) == 10
    assert (Order.objects.count(), PaymentIntent.objects.count()) == (10, 10)


def test_without_lock_and_trigger_the_same_crowd_oversells(
    paid_later: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(placement, "lock_stocks", unlocked)

    # when
    with without_trigger():
        outcomes = crowd(paid_later)

    # then
    assert outcomes["order"] > 10


def test_statements_do_not_grow_with_the_lines(paid_later: World) -> None:
    # given
    lines = {paid_later.variant: 1}
    for number in range(5):
        variant = ProductVariant.objects.create(
            product=paid_later.product, sku=f"S-{number}", name=f"{number} 千克"
        )
        Stock.objects.create(warehouse=paid_later.warehouse, product_variant=variant, quantity=10)
        lines[variant] = 1
    place(basket(paid_later))  # warm

    # when
    counts = []
    for wanted in ({paid_later.variant: 1}, lines):
        with CaptureQueriesContext(connection) as captured:
            assert place(basket(paid_later, wanted))["errors"] == []
        counts.append(len(captured))

    # then
    assert counts[0] == counts[1]
    assert counts[0] <= 58
