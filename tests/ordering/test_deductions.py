"""The seam of deductions, with a source of this test: a slip (a gift card's row) that is good for five yuan, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.discount.models import Voucher
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.shipping.models import ShippingMethod

from saleor_o2o.kernel import locks
from saleor_o2o.kernel.money import split
from saleor_o2o.ordering.deductions import sources
from saleor_o2o.ordering.error_codes import OrderingErrorCode
from saleor_o2o.ordering.errors import OrderingError
from saleor_o2o.ordering.interfaces import Answer, Deduction, Goods, OrderDeduction, Source
from saleor_o2o.ordering.models import SubOrder, SubOrderLine
from saleor_o2o.ordering.services.cancelling import cancel_unpaid
from saleor_o2o.ordering.services.pricing import NewPrice, change_price
from tests.buying.shopper import ADDRESS, GATEWAY, ask, choose_payment, complete, fill_checkout
from tests.buying.test_baskets import PLACE
from tests.stock.world import gid, money
from tests.threads import together

from .conftest import Mall, totals

CHOOSE = """mutation($token: UUID!, $source: String!, $values: [String!]!) {
  checkoutDeductionsChoose(token: $token, choice: {source: $source, values: $values}) {
    deductions { total deductions { source sourceLabel reference title amount shipping lines { amount } }
      refusals { code message } }
    errors { code field message } } }"""
READ = """query($token: UUID!) { checkout(token: $token) {
    discount { amount } subtotalPrice { gross { amount } } shippingPrice { gross { amount } }
    totalPrice { gross { amount } } }
  checkoutDeductions(token: $token) { total refusals { code } } }"""
FIVE = Decimal("5.00")


class Slips:
    """A slip takes five yuan off the goods, in proportion to what is left of them."""

    lock = staticmethod(locks.lock_rows)

    def reckon(self, goods: Goods, chosen: Sequence[str], final: bool) -> Answer:
        rows = GiftCard.objects.filter(code__in=chosen)
        free = {one.code for one in (self.lock(rows) if final else rows) if one.is_active}
        taken, refusals = [], []
        left = {line.key: line.left for line in goods.lines}
        for code in chosen:
            if code not in free:
                refusals.append(
                    OrderingError(OrderingErrorCode.UNKNOWN_CHOICE, "deductions", "这张券已经用了")
                )
                continue
            shares = split(min(FIVE, sum(left.values())), list(left.values()))
            parts = dict(zip(left, shares, strict=True))
            left = {key: left[key] - parts[key] for key in left}
            taken.append(Deduction(code, f"五元券 {code}", parts))
        return Answer(taken, refusals)

    def keep(self, order: Order, rows: Sequence[OrderDeduction]) -> None:
        GiftCard.objects.filter(code__in={row.reference for row in rows}).update(is_active=False)

    def release(self, order: Order) -> None:
        used = OrderDeduction.objects.filter(order=order, source="slips").values("reference")
        GiftCard.objects.filter(code__in=used).update(is_active=True)


def reckon_shipping(goods: Goods, chosen: Sequence[str], final: bool) -> Answer:
    """A second source, of a later rank: three yuan off the freight."""
    return Answer([Deduction("F", "免运费三元", {}, Decimal("3.00"))])


@pytest.fixture
def slips(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slips]:
    found = Slips()
    monkeypatch.setattr(sources, "_sources", {})
    sources.register_deductions(
        Source(
            "slips",
            "券",
            sources.COUPON,
            lambda *given: found.reckon(*given),
            found.keep,
            found.release,
        )
    )
    sources.register_deductions(
        Source("freight", "运费券", sources.POINTS, reckon_shipping, lambda *_: None, lambda _: None)
    )
    for code in ("A", "B"):
        GiftCard.objects.create(
            code=code, start_date=date(2020, 1, 1), initial_balance_amount=1, current_balance_amount=1
        )
    yield found


def choose(mall: Mall, cart: dict[str, Any], source: str, *values: str) -> dict[str, Any]:
    found: dict[str, Any] = ask(
        CHOOSE, {"token": cart["token"], "source": source, "values": list(values)}, mall.world.customer
    )["checkoutDeductionsChoose"]
    return found


def cart_of(mall: Mall) -> dict[str, Any]:
    """Two oranges (79.80) and a tea (60.00), freight 10.00: 149.80."""
    return fill_checkout(mall.world, {mall.orange: 2, mall.tea: 1}, mall.world.customer)


def carts_of_phones(mall: Mall, *wanted: Any) -> list[dict[str, Any]]:
    """A cart on each phone: filled before logging in, then the member's."""
    carts = [fill_checkout(mall.world, {one: 1}) for one in wanted]
    Checkout.objects.update(user=mall.world.customer)
    return carts


def place(mall: Mall, cart: dict[str, Any], total: str) -> Order:
    assert choose_payment({**cart, "total": total})["paymentErrors"] == []
    done = complete(cart, mall.world.customer)
    assert done["checkoutErrors"] == []
    return Order.objects.get(token=done["order"]["token"])


def free(code: str) -> bool:
    return GiftCard.objects.get(code=code).is_active


def test_every_figure_agrees(mall: Mall, slips: Slips) -> None:
    # given
    cart = cart_of(mall)
    chosen = choose(mall, cart, "slips", "A")
    choose(mall, cart, "freight", "F")

    # when the storefront looks
    read = ask(READ, {"token": cart["token"]}, mall.world.customer)

    # then prices − discount = total, and the breakdown is by line
    assert chosen["errors"] == []
    (told,) = chosen["deductions"]["deductions"]
    assert (told["source"], told["sourceLabel"], told["reference"]) == ("slips", "券", "A")
    assert [line["amount"] for line in told["lines"]] == [2.85, 2.15]
    seen = read["checkout"]
    assert seen["discount"]["amount"] == 8.0
    assert seen["subtotalPrice"]["gross"]["amount"] == 139.8
    assert seen["shippingPrice"]["gross"]["amount"] == 10.0
    assert seen["totalPrice"]["gross"]["amount"] == 141.8
    assert read["checkoutDeductions"] == {"total": 8.0, "refusals": []}

    # when
    order = place(mall, cart, "141.80")

    # then the order, its parts and its rows say the same to the fen
    assert order.total_gross_amount == Decimal("141.80")
    assert order.discount_amount == Decimal("8.00")
    assert order.discount_name == "券、运费券"
    rows = OrderDeduction.objects.filter(order=order).order_by("pk")
    assert [(row.source, row.order_line_id is None, row.amount) for row in rows] == [
        ("slips", False, Decimal("2.85")),
        ("slips", False, Decimal("2.15")),
        ("freight", True, Decimal("3.00")),
    ]
    assert sum(totals(order)) == order.total_gross_amount
    assert sum(SubOrder.objects.filter(order=order).values_list("discount", flat=True)) == Decimal("8.00")
    assert sorted(SubOrderLine.objects.filter(sub_order__order=order).values_list("discount", flat=True)) == [
        Decimal("2.15"),
        Decimal("2.85"),
    ]
    assert not free("A")


def test_a_voucher_goes_first(mall: Mall, slips: Slips) -> None:
    # given a voucher that leaves two yuan of the goods
    Voucher.objects.create(code="BIG", type="entire_order", discount_value_type="fixed", discount_value=137.8)
    cart = cart_of(mall)
    ask(
        """mutation($id: ID!) { checkoutAddPromoCode(checkoutId: $id, promoCode: "BIG") {
             checkoutErrors { code } } }""",
        {"id": cart["id"]},
        mall.world.customer,
    )

    # when
    chosen = choose(mall, cart, "slips", "A", "B")

    # then the first slip takes what is left, the second nothing; the total is the freight
    assert [one["amount"] for one in chosen["deductions"]["deductions"]] == [2.0]
    order = place(mall, cart, "10.00")
    assert order.total_gross_amount == Decimal("10.00")
    assert order.discount_amount == Decimal("139.80")
    assert sum(totals(order)) == Decimal("10.00")


def test_two_phones_one_slip(mall: Mall, slips: Slips) -> None:
    # given two carts with the same slip
    carts = carts_of_phones(mall, mall.tea, mall.tea)
    for cart in carts:
        assert choose(mall, cart, "slips", "A")["errors"] == []
        assert choose_payment({**cart, "total": "65.00"})["paymentErrors"] == []

    # when
    answers = together(*[partial(complete, cart, mall.world.customer) for cart in carts])

    # then one order has it; the other is told and keeps its basket
    assert [type(one) for one in answers] == [dict, dict], answers
    (lost,) = [one for one in answers if one["order"] is None]
    (problem,) = lost["checkoutErrors"]
    assert problem["field"] == "deductions"
    assert problem["code"] == "VOUCHER_NOT_APPLICABLE"
    assert problem["message"] == "这张券已经用了"
    assert OrderDeduction.objects.filter(reference="A").values("order").distinct().count() == 1
    assert Order.objects.count() == 1
    assert Checkout.objects.count() == 1


def test_without_the_lock_both_would_have_it(
    mall: Mall, slips: Slips, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the source looks without its lock, and both look before either writes
    from threading import Barrier

    both = Barrier(2, timeout=20)

    def look(rows: Any) -> Any:
        seen = list(rows)
        both.wait()
        return seen

    monkeypatch.setattr(slips, "lock", look, raising=False)
    # other goods: stock rows are locked before the slip
    carts = carts_of_phones(mall, mall.tea, mall.orange)
    for cart in carts:
        assert choose(mall, cart, "slips", "A")["errors"] == []
        seen = ask(READ, {"token": cart["token"]}, mall.world.customer)["checkout"]["totalPrice"]["gross"]
        assert choose_payment({**cart, "total": seen["amount"]})["paymentErrors"] == []

    # when
    answers = together(*[partial(complete, cart, mall.world.customer) for cart in carts])

    # then
    assert [one["checkoutErrors"] for one in answers] == [[], []]
    assert OrderDeduction.objects.filter(reference="A").values("order").distinct().count() == 2


def test_unpaid_and_cancelled_gives_it_back(mall: Mall, slips: Slips) -> None:
    # given
    cart = cart_of(mall)
    choose(mall, cart, "slips", "A")
    order = place(mall, cart, "144.80")
    assert not free("A")

    # when
    from saleor_o2o.ordering.choices import CancelReason

    cancel_unpaid(order.pk, CancelReason.BUYER, mall.world.customer)

    # then
    assert free("A")


def test_another_price_keeps_what_was_taken(mall: Mall, slips: Slips) -> None:
    # given
    cart = cart_of(mall)
    choose(mall, cart, "slips", "A")
    order = place(mall, cart, "144.80")
    tea = order.lines.get(variant=mall.tea)

    # when the tea costs one yuan
    change_price(mall.world.admin, order.pk, NewPrice("熟客", {tea.pk: Decimal("1.00")}))

    # then the slip is still worth five: what the tea cannot bear comes off the rest
    order.refresh_from_db()
    assert order.total_gross_amount == Decimal("85.80")
    assert sum(totals(order)) == Decimal("85.80")
    lines = SubOrderLine.objects.filter(sub_order__order=order)
    assert all(line.total >= 0 for line in lines)


def test_another_shipping_method_keeps_what_was_taken(mall: Mall, slips: Slips) -> None:
    # given
    cart = cart_of(mall)
    choose(mall, cart, "slips", "A")
    order = place(mall, cart, "144.80")
    quick = ShippingMethod.objects.create(
        name="次日达",
        type="price",
        price=money(20),
        minimum_order_price=money(0),
        shipping_zone=mall.world.zone,
    )

    # when
    done = ask(
        """mutation($order: ID!, $method: ID!) { orderUpdateShipping(order: $order, input: {shippingMethod: $method}) {
             orderErrors { code } order { total { gross { amount } } } } }""",
        {"order": gid("Order", order), "method": gid("ShippingMethod", quick)},
        mall.world.admin,
    )["orderUpdateShipping"]

    # then
    assert done["orderErrors"] == []
    order.refresh_from_db()
    assert order.discount_amount == FIVE
    assert order.total_gross_amount == Decimal("154.80")


def test_a_basket_in_one_request(mall: Mall, slips: Slips) -> None:
    # given
    basket = {
        "lines": [{"variantId": gid("ProductVariant", mall.tea), "quantity": 1}],
        "email": "li@example.com", "shippingAddress": ADDRESS,
        "shippingMethod": gid("ShippingMethod", mall.world.method),
        "deductions": [{"source": "slips", "values": ["A"]}],
    }  # fmt: skip
    quote = """query($input: BasketInput!) { basketQuote(input: $input) { errors { code }
      quote { discount { amount } total { gross { amount } } deductions { reference amount }
        errors { code message } } } }"""

    # when a guest asks, and the member
    guest = ask(quote, {"input": basket})["basketQuote"]["quote"]
    own = ask(quote, {"input": basket}, mall.world.customer)["basketQuote"]["quote"]

    # then
    assert [one["code"] for one in guest["errors"]] == ["LOGIN_NEEDED"]
    assert guest["deductions"] == []
    assert own["errors"] == []
    assert own["deductions"] == [{"reference": "A", "amount": 5.0}]
    assert own["discount"]["amount"] == 5.0
    assert own["total"]["gross"]["amount"] == 65.0

    # when placed, and placed again with a key of its own
    given = {"key": uuid4().hex, "input": basket, "gateway": GATEWAY, "expected": "65.00"}
    first = ask(PLACE, given, mall.world.customer)["orderPlace"]
    again = ask(PLACE, {**given, "key": uuid4().hex}, mall.world.customer)["orderPlace"]

    # then
    assert first["errors"] == []
    assert first["order"]["total"]["gross"]["amount"] == 65.0
    assert [one["message"] for one in again["errors"]] == ["这张券已经用了"]
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("source", "values"), [("nobody", ["A"]), ("slips", [""]), ("slips", ["x" * 41]), ("slips", ["A"] * 3)]
)
def test_choices_that_nobody_means(mall: Mall, slips: Slips, source: str, values: list[str]) -> None:
    cart = cart_of(mall)
    found = choose(mall, cart, source, *values)
    if values == ["A"] * 3:  # said three times, meant once
        assert found["deductions"]["total"] == 5.0
    else:
        assert [one["code"] for one in found["errors"]] == ["UNKNOWN_CHOICE"]
        assert Checkout.objects.get().private_metadata == {}


def test_a_cart_is_its_owners(mall: Mall, slips: Slips) -> None:
    # given
    cart = cart_of(mall)
    choose(mall, cart, "slips", "A")
    given = {"token": cart["token"], "source": "slips", "values": []}

    # when a guest and somebody else try
    guest = ask(CHOOSE, given)["checkoutDeductionsChoose"]
    other = ask(CHOOSE, given, mall.world.admin)["checkoutDeductionsChoose"]
    seen = ask(
        "query($token: UUID!) { checkoutDeductions(token: $token) { total } }", {"token": cart["token"]}
    )

    # then nothing has changed, nothing is shown
    assert [one["code"] for one in guest["errors"]] == ["LOGIN_NEEDED"]
    assert [one["code"] for one in other["errors"]] == ["CHECKOUT_GONE"]
    assert seen["checkoutDeductions"] is None
    assert Checkout.objects.get().private_metadata == {"o2o.deductions": {"slips": ["A"]}}


def test_statements_do_not_grow_with_lines(mall: Mall, slips: Slips) -> None:
    # given
    few, many = carts_of_phones(mall, mall.tea, mall.tea)
    for other in (mall.orange, mall.card):
        CheckoutLine.objects.create(checkout_id=many["token"], variant=other, quantity=1)
    counts = []

    # when
    for cart in (few, few, many):
        choose(mall, cart, "slips", "A")
        with CaptureQueriesContext(connection) as captured:
            ask(READ, {"token": cart["token"]}, mall.world.customer)
        counts.append(len(captured))

    # then
    assert counts[1] == counts[2]
