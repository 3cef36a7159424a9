"""Holds in carts: at their price, whole, for whom they are, and never without one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saleor.account.models import User
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.order.models import Order

from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.services.holding import close
from saleor_o2o.cashier.models import PaymentIntent
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.ordering.baskets import Basket, reckon
from saleor_o2o.ordering.holds import put_into_checkout
from saleor_o2o.ordering.models import SubOrderLine
from saleor_o2o.ordering.selectors import profile_of
from tests.buying.shopper import choose_payment, complete, fill_checkout

from .till import Till
from .trips import D, person, want


def code_of(refusal: Any) -> str:
    return str(refusal.value.code.value)


def test_a_hold_is_ordered_at_its_price(till: Till) -> None:
    # given two tickets that are held
    held = till.hold(people=2)
    # when the shopper orders them
    order = till.place(held)
    # then there is one line, named after the trip, at the held price
    [line] = order.lines.all()
    assert (line.product_name, line.variant_name, line.quantity) == ("甲县—乙县 08:00", "全票", 2)
    assert (line.unit_price_gross_amount, order.total_gross_amount) == (D("50.000"), D("100.000"))
    assert {one.order_line_id for one in held.tickets.all()} == {line.pk}
    assert till.fresh(held).order == order
    # and it is to be paid before the hold ends
    profile = profile_of(order.pk)
    assert profile is not None
    assert PaymentIntent.objects.get(order=order).expires_at == profile.pay_by <= held.held_until


def test_the_order_waits_no_longer_than_its_earliest_hold(till: Till) -> None:
    till.suppliers["second"].minutes = 4
    long, short = till.hold(), till.hold("second")
    order = till.place(long, short)
    assert PaymentIntent.objects.get(order=order).expires_at == short.held_until < long.held_until


def test_tickets_and_oranges_in_one_basket(till: Till) -> None:
    shop = till.shop
    held = till.hold()
    checkout = fill_checkout(shop.world, {shop.world.variant: 1}, shop.shopper)
    put_into_checkout(checkout["token"], held.number, "", shop.shopper, [])
    put_into_checkout(checkout["token"], held.number, "", shop.shopper, [])
    assert choose_payment({**checkout, "total": "99.90"})["paymentErrors"] == []
    done = complete(checkout, shop.shopper)
    assert done["checkoutErrors"] == []
    order = Order.objects.get(token=done["order"]["token"])
    # 39.90 and freight 10.00, and the ticket
    assert order.total_gross_amount == D("99.900")
    assert sorted(line.quantity for line in order.lines.all()) == [1, 1]
    assert sorted(one.sub_order.line for one in SubOrderLine.objects.filter(sub_order__order=order)) == [
        "coach",
        "goods",
    ]
    till.pay(order)
    assert till.fresh(held).state == OrderState.ISSUED


def test_a_voucher_lowers_the_shares_of_the_tickets_exactly(till: Till) -> None:
    from saleor.discount import DiscountValueType, VoucherType
    from saleor.discount.models import Voucher

    from plugins.ticketing.kernel.services.paid import paid_for

    Voucher.objects.create(
        code="TEN",
        type=VoucherType.ENTIRE_ORDER,
        discount_value_type=DiscountValueType.FIXED,
        discount_value=D("10.00"),
    )
    held = till.hold(people=3)
    order = till.place(held, promo_code="TEN")
    assert order.total_gross_amount == D("140.000")
    till.pay(order)
    tickets = list(held.tickets.order_by("pk"))
    paid = paid_for(tickets)
    assert [paid[one.pk].total for one in tickets] == [D("46.67"), D("46.67"), D("46.66")]
    lines = [(one.side, one.item, one.amount) for one in tickets[2].fee_lines.order_by("pk")]
    assert lines == [
        ("customer", "face", D("48.00")), ("customer", "service", D("2.00")), ("customer", "discount", D("-3.34")),
        ("supplier", "face", D("45.00")),
    ]  # fmt: skip


def test_what_is_gone_cannot_be_ordered(till: Till) -> None:
    held = till.hold()
    with frozen(held.held_until + timedelta(seconds=1)), pytest.raises(DomainError) as refusal:
        till.place(held)
    assert code_of(refusal) == "HOLD_GONE"
    close(held.pk, "不去了")
    with pytest.raises(DomainError) as refusal:
        till.place(held)
    assert code_of(refusal) == "HOLD_GONE"
    assert not Order.objects.exists()


def test_a_hold_is_ordered_once(till: Till) -> None:
    held = till.hold()
    till.place(held)
    with pytest.raises(DomainError) as refusal:
        till.place(held)
    assert code_of(refusal) == "HOLD_ORDERED"
    with pytest.raises(DomainError) as refusal:
        close(held.pk, "不去了")
    assert code_of(refusal) == "HOLD_ORDERED"


def test_somebody_elses_hold_is_not_there(till: Till) -> None:
    stranger = User.objects.create_user("somebody@example.com", "password")
    held = till.hold(user=stranger)
    with pytest.raises(DomainError) as refusal:
        till.place(held)
    assert code_of(refusal) == "NOT_FOUND"


def test_a_guest_needs_number_and_key(till: Till) -> None:
    held = till.hold(user=None, key="guest-key-0001")
    for key, code in (("", "NOT_FOUND"), ("guest-key-0002", "NOT_FOUND"), ("x", "NOT_FOUND")):
        with pytest.raises(DomainError) as refusal:
            reckon(Basket(lines=(), holds=((held.number, key),), email="a@example.com"), None, [])
        assert code_of(refusal) == code
    found = reckon(
        Basket(lines=(), holds=((held.number, "guest-key-0001"),), email="a@example.com"), None, []
    )
    assert found.amount == D("50.00")


def test_tickets_are_not_sold_without_a_hold(till: Till) -> None:
    # by a basket: the goods are not shown
    with pytest.raises(DomainError) as refusal:
        till.place(lines=((till.variant.pk, 1),))
    assert code_of(refusal) == "GOODS_GONE"
    # nor by a line that somebody put into the table, or whose quantity was changed
    shop, held = till.shop, till.hold()
    checkout = fill_checkout(shop.world, {shop.world.variant: 1}, shop.shopper)
    cart = Checkout.objects.get(pk=checkout["token"])
    line = CheckoutLine.objects.create(checkout=cart, variant=till.variant, quantity=1)
    assert choose_payment(checkout)["paymentErrors"] == []
    told = complete(checkout, shop.shopper)["checkoutErrors"]
    assert "先占座" in told[0]["message"]
    line.delete()
    put_into_checkout(checkout["token"], held.number, "", shop.shopper, [])
    CheckoutLine.objects.filter(checkout=cart, variant=till.variant).update(quantity=2)
    choose_payment({**checkout, "total": "149.90"})
    told = complete(checkout, shop.shopper)["checkoutErrors"]
    assert "占座时不一致" in told[0]["message"]
    assert till.fresh(held).order is None and not Order.objects.exists()


def test_an_order_that_is_cancelled_frees_the_seat(till: Till) -> None:
    from saleor.order.actions import cancel_order

    held = till.hold("own")
    order = till.place(held)
    cancel_order(order, None)
    assert till.fresh(held).state == OrderState.CLOSED
    assert till.suppliers["own"].seats == 1000


def test_parts_of_a_hold_are_not_ordered(till: Till) -> None:
    held = till.hold(wants=[want(till.variant.pk, person(1)), want(till.variant.pk, person(2), "30.00")])
    shop = till.shop
    checkout = fill_checkout(shop.world, {shop.world.variant: 1}, shop.shopper)
    put_into_checkout(checkout["token"], held.number, "", shop.shopper, [])
    lines = CheckoutLine.objects.filter(checkout=checkout["token"], variant=till.variant)
    assert sorted(one.data["unit"] for one in lines) == ["30.00", "50.00"]
    lines.get(data__unit="30.00").delete()
    choose_payment({**checkout, "total": "99.90"})
    told = complete(checkout, shop.shopper)["checkoutErrors"]
    assert "占座时不一致" in told[0]["message"]
