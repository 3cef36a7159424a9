"""Coupons through an order: chosen, held, used, returned; and what they cost whom, to the fen."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.product.models import Product, ProductType

from plugins.after_sale.events import AfterSaleRefunded
from plugins.coupons import source
from plugins.coupons.choices import Kind, Stacking
from plugins.coupons.figures import redeemed
from plugins.coupons.models import Coupon, CouponEntry
from plugins.coupons.receivers import after_sale_refunded, order_closed, order_paid
from plugins.coupons.services.using import close_of_order, reopen_of_order
from plugins.members.interfaces import Member
from saleor_o2o.kernel.clock import today
from saleor_o2o.ordering.choices import CancelReason
from saleor_o2o.ordering.events import OrderClosed, OrderPaid
from saleor_o2o.ordering.interfaces import OrderDeduction
from saleor_o2o.ordering.services.cancelling import cancel_unpaid
from tests.buying.shopper import ask, choose_payment, complete, fill_checkout
from tests.ordering.conftest import Mall, totals
from tests.threads import together

from .conftest import Make, cart_of, choose, place, pocket, run_out, state_of

D = Decimal
OFFERS = """query($token: UUID!) { checkoutCoupons(token: $token) {
  usable { coupon { number title terms state } saves chosen } others { coupon { number } refusal } best bestSaves } }"""


def offers(mall: Mall, cart: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = ask(OFFERS, {"token": cart["token"]}, mall.world.customer)["checkoutCoupons"]
    return found


def sums(order: Order) -> tuple[Decimal, ...]:
    rows = CouponEntry.objects.filter(order=order)
    names = ("amount", "platform", "unit", "merchant")
    return tuple(sum((getattr(row, name) for row in rows), D(0)) for name in names)


def test_advice_choice_order(mall: Mall, template: Make, member: Member) -> None:
    # given three coupons that go together or not, and one that does not fit
    (ten,) = pocket(template("A"), member)
    (tea,) = pocket(
        template("B", kind=Kind.PERCENT, rate=D("0.8"), threshold=0, sellers=[mall.merchant],
                 stacking=Stacking.OTHERS), member)  # fmt: skip
    (ship,) = pocket(template("C", kind=Kind.SHIPPING, threshold=0, stacking=Stacking.OTHERS), member)
    (much,) = pocket(template("D", threshold=500), member)
    cart = cart_of(mall)

    # when
    found = offers(mall, cart)

    # then 12.00 of the tea and 10.00 freight beat the ten yuan that stand alone
    assert [(one["coupon"]["number"], one["saves"]) for one in found["usable"]] == [
        (tea.number, 12.0), (ten.number, 10.0), (ship.number, 10.0),
    ]  # fmt: skip
    assert [(one["coupon"]["number"], one["refusal"]) for one in found["others"]] == [
        (much.number, "“券 D”还差 ¥360.20 可用")
    ]
    assert (found["best"], found["bestSaves"]) == ([tea.number, ship.number], 22.0)

    # when what is advised is chosen and placed
    chosen = choose(cart, mall.world.customer, *found["best"])
    assert chosen["errors"] == []
    assert chosen["deductions"]["refusals"] == []
    order = place(mall, cart, "127.80")

    # then
    assert order.total_gross_amount == D("127.80")
    assert sum(totals(order)) == D("127.80")
    assert [state_of(one) for one in (ten, tea, ship)] == ["unused", "locked", "locked"]


def test_nothing_is_taken_off_money(mall: Mall, template: Make, member: Member, monkeypatch: Any) -> None:
    # given a cart of 149.80, of which the tea (60.00) is of a type that is money itself
    (ten,) = pocket(template("A", threshold=80), member)
    (much,) = pocket(template("B", threshold=70), member)
    slug = ProductType.objects.create(name="储值", slug="stored-value").slug
    Product.objects.filter(pk=mall.tea.product_id).update(product_type=ProductType.objects.get(slug=slug))
    monkeypatch.setattr("saleor_o2o.ordering.deductions.sources._money", {slug})

    # when
    found = offers(mall, cart_of(mall))

    # then neither does it count for the threshold, nor is it lowered
    assert [one["coupon"]["number"] for one in found["usable"]] == [much.number]
    assert [one["coupon"]["number"] for one in found["others"]] == [ten.number]


def test_two_phones_one_coupon(mall: Mall, template: Make, member: Member) -> None:
    # given two carts of one member, filled on two phones
    (coupon,) = pocket(template(threshold=0), member)
    carts = [fill_checkout(mall.world, {one: 1}) for one in (mall.tea, mall.orange)]
    Checkout.objects.update(user=mall.world.customer)
    for cart, total in zip(carts, ("60.00", "39.90"), strict=True):
        assert choose(cart, mall.world.customer, coupon.number)["errors"] == []
        assert choose_payment({**cart, "total": total})["paymentErrors"] == []

    # when
    answers = together(*[partial(complete, cart, mall.world.customer) for cart in carts])

    # then exactly one order has it; the other is told and keeps its basket
    (lost,) = [one for one in answers if one["order"] is None]
    (problem,) = lost["checkoutErrors"]
    assert (problem["field"], problem["code"]) == ("deductions", "VOUCHER_NOT_APPLICABLE")
    assert "已用在另一张待付款的订单里" in problem["message"]
    assert (Order.objects.count(), Checkout.objects.count()) == (1, 1)
    assert OrderDeduction.objects.values("order").distinct().count() == 1

    # and buys without
    left = next(cart for cart in carts if Checkout.objects.filter(pk=cart["token"]).exists())
    assert choose(left, mall.world.customer)["deductions"]["total"] == 0
    total = "70.00" if left is carts[0] else "49.90"
    assert place(mall, left, total).total_gross_amount == D(total)


def test_without_the_lock_both_would_have_it(
    mall: Mall, template: Make, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given nobody locks, and both look before either writes
    from threading import Barrier

    both = Barrier(2, timeout=20)

    def look(user_id: int, numbers: Any) -> list[Coupon]:
        seen = list(Coupon.objects.filter(number__in=list(numbers)).select_related("template"))
        both.wait()
        return seen

    monkeypatch.setattr(source, "lock_numbers", look)
    monkeypatch.setattr(source, "keep", lambda *_: None)
    from saleor_o2o.ordering.deductions import sources

    known = sources._sources["coupons"]
    from dataclasses import replace

    monkeypatch.setitem(sources._sources, "coupons", replace(known, reckon=source.reckon, keep=source.keep))
    (coupon,) = pocket(template(threshold=0), member)
    carts = [fill_checkout(mall.world, {one: 1}) for one in (mall.tea, mall.orange)]
    Checkout.objects.update(user=mall.world.customer)
    for cart, total in zip(carts, ("60.00", "39.90"), strict=True):
        choose(cart, mall.world.customer, coupon.number)
        assert choose_payment({**cart, "total": total})["paymentErrors"] == []

    # when
    answers = together(*[partial(complete, cart, mall.world.customer) for cart in carts])

    # then
    assert [one["checkoutErrors"] for one in answers] == [[], []]
    assert OrderDeduction.objects.filter(reference=coupon.number).values("order").distinct().count() == 2


@pytest.mark.parametrize(
    ("late", "grace", "state"), [(False, 0, "unused"), (True, 0, "expired"), (True, 7, "unused")]
)
def test_unpaid_gives_it_back(
    mall: Mall, template: Make, member: Member, late: bool, grace: int, state: str
) -> None:
    # given
    (coupon,) = pocket(template(grace_days=grace), member)
    cart = cart_of(mall)
    choose(cart, mall.world.customer, coupon.number)
    order = place(mall, cart, "139.80")
    if late:
        run_out(coupon)

    # when
    cancel_unpaid(order.pk, CancelReason.BUYER, mall.world.customer)

    # then
    assert state_of(coupon) == state
    assert Coupon.objects.get(pk=coupon.pk).order_id is None or state == "expired"
    assert CouponEntry.objects.count() == 0


def test_paid_then_pieces_then_all_go_back(mall: Mall, template: Make, member: Member) -> None:
    # given a coupon of 10.00 borne 50 : 20 : 30, on oranges of our own (5.71) and a merchant's tea (4.29)
    (coupon,) = pocket(template(platform_share=50, unit_share=20, merchant_share=30), member)
    cart = cart_of(mall)
    choose(cart, mall.world.customer, coupon.number)
    order = place(mall, cart, "139.80")

    # when paid, and heard twice
    mall.pay(order)
    order_paid(OrderPaid(order_id=order.pk, total=order.total_gross_amount))

    # then used, and the merchant bears nothing of what is not his
    assert state_of(coupon) == "used"
    oranges, tea = order.lines.order_by("pk")
    rows = {
        row.order_line_id: (row.amount, row.platform, row.unit, row.merchant)
        for row in CouponEntry.objects.all()
    }
    assert rows == {
        oranges.pk: (D("5.71"), D("4.57"), D("1.14"), D("0.00")),
        tea.pk: (D("4.29"), D("2.14"), D("0.86"), D("1.29")),
    }

    # when one of two oranges goes back, heard twice
    paid = D("79.80") - D("5.71")
    event = AfterSaleRefunded(
        after_sale_id=1, order_id=order.pk, sub_order_id=1, amount=D("37.05"), freight=D(0),
        order_lines=(oranges.pk,), quantities=(1,), amounts=(D("37.05"),), paid=(paid,), before=(D(0),),
    )  # fmt: skip
    after_sale_refunded(event)
    after_sale_refunded(event)

    # then its share is counted, the coupon stays used
    assert sums(order)[0] == D("7.14")
    assert state_of(coupon) == "used"

    # when all of it is closed, heard twice
    for _again in range(2):
        order_closed(OrderClosed(order_id=order.pk, reason="refunded"))

    # then nobody bears anything and the coupon is back
    assert sums(order) == (D("0.00"),) * 4
    assert state_of(coupon) == "unused"
    (row,) = redeemed(CouponEntry.objects.all(), today(), today())
    assert (row.coupons, row.used, row.back, row.net) == (1, D("10.00"), D("10.00"), D("0.00"))

    # when the refund failed after all
    reopen_of_order(order.pk)
    reopen_of_order(order.pk)
    assert (state_of(coupon), sums(order)[0]) == ("used", D("10.00"))
    close_of_order(order.pk)
    assert (state_of(coupon), sums(order)[0]) == ("unused", D("0.00"))


def test_a_coupon_that_does_not_count_stops_the_order(mall: Mall, template: Make, member: Member) -> None:
    # given a coupon that is chosen and then runs out
    (coupon,) = pocket(template(), member)
    cart = cart_of(mall)
    choose(cart, mall.world.customer, coupon.number)
    assert choose_payment({**cart, "total": "139.80"})["paymentErrors"] == []
    run_out(coupon)

    # when
    done = complete(cart, mall.world.customer)

    # then
    assert done["order"] is None
    assert done["checkoutErrors"][0]["message"].startswith("“券 T1”已过期")
    assert Checkout.objects.count() == 1


def test_nobody_uses_anothers(mall: Mall, template: Make, member: Member) -> None:
    # given somebody else's coupon
    from tests.coupons.test_giving import members

    (other,) = members(1)
    (coupon,) = pocket(template(), other)
    cart = cart_of(mall)

    # when
    chosen = choose(cart, mall.world.customer, coupon.number)

    # then
    assert [one["code"] for one in chosen["deductions"]["refusals"]] == ["NOT_YOURS"]
    assert chosen["deductions"]["total"] == 0


def test_statements_do_not_grow(mall: Mall, template: Make, member: Member) -> None:
    # given one coupon, then six of six templates
    cart = cart_of(mall)
    pocket(template("S0", categories=[mall.world.category]), member)
    offers(mall, cart)
    counts = []
    for more in range(2):
        if more:
            for number in range(1, 6):
                pocket(template(f"S{number}", categories=[mall.world.category]), member)
        with CaptureQueriesContext(connection) as captured:
            offers(mall, cart)
        counts.append(len(captured))

    # then
    assert counts[0] == counts[1]
