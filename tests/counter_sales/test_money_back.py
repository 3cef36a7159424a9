"""Money back over the counter: once, within limits, and the float and the stock follow."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from functools import partial

import pytest
from saleor.account.models import User
from saleor.payment.models import Payment
from saleor.warehouse.models import Stock

from plugins.counter_sales import checking
from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.models import CashReceipt, PaidBy, SaleRefund, SaleState
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.codes import show_code
from plugins.counter_sales.services.pickup import hand_over
from plugins.counter_sales.services.refunds import refund_sale
from plugins.org_hierarchy.interfaces import OrgError
from saleor_o2o.cashier.models import Refund
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.concurrency.crowd import allocated
from tests.orgs import again
from tests.threads import together

from .conftest import Counter, Wechat
from .looking import KEY, D, fresh, refused


def test_cash_back_puts_the_float_back_and_cancels_the_order(counter: Counter) -> None:
    # given
    sale = counter.place(2)
    pay_cash(counter.clerk, sale.pk, D("100.00"))

    # when: clicked twice
    for _click in range(2):
        refund_sale(counter.clerk, sale.pk, D("79.80"), "买错了", key=f"{KEY}1")

    # then
    assert counter.moved()[1:] == [
        ("sale", D("-79.80"), D("420.20")),
        ("refund", D("79.80"), D("500.00")),
    ]
    assert (fresh(sale).state, fresh(sale).order.status, allocated()) == (SaleState.REFUNDED, "canceled", 0)
    assert Payment.objects.get().charge_status == "fully-refunded"
    assert [one.kind for one in CashReceipt.objects.order_by("pk")] == ["taken", "given_back"]
    assert checking.check_floats() == 0


def test_part_of_the_cash_goes_back(counter: Counter) -> None:
    # given
    sale = counter.place(2)
    pay_cash(counter.clerk, sale.pk, D("100.00"))

    # when
    refund_sale(counter.clerk, sale.pk, D("9.80"), "一个坏果", key=f"{KEY}1")

    # then
    assert (fresh(sale).state, fresh(sale).refunded, allocated()) == (SaleState.PAID, D("9.80"), 2)
    payment = Payment.objects.get()
    assert (payment.charge_status, payment.captured_amount) == ("partially-refunded", D("70.00"))
    again_more = partial(refund_sale, counter.clerk, sale.pk)
    assert refused(lambda: again_more(D("9.81"), "x", key=f"{KEY}1")).code == Code.KEY_REUSED
    assert refused(lambda: again_more(D("70.01"), "x", key=f"{KEY}2")).code == Code.REFUND_INVALID
    assert refused(lambda: again_more(D("0.00"), "x", key=f"{KEY}2")).code == Code.REFUND_INVALID
    assert refused(lambda: again_more(D("1.00"), " ", key=f"{KEY}2")).code == Code.REASON_REQUIRED
    assert counter.balance() == D("430.00")


def test_goods_that_come_back_are_stock_again(counter: Counter) -> None:
    # given
    sale = counter.place(2)
    pay_cash(counter.clerk, sale.pk, D("100.00"))
    hand_over(counter.clerk, sale.pk)
    assert Stock.objects.get().quantity == 8

    # when
    refund_sale(counter.clerk, sale.pk, D("79.80"), "退货", key=f"{KEY}1", goods_back=True)

    # then
    assert (Stock.objects.get().quantity, allocated()) == (10, 0)
    assert (fresh(sale).state, fresh(sale).order.status) == (SaleState.REFUNDED, "canceled")


def test_goods_that_stay_with_the_customer_stay_sold(counter: Counter) -> None:
    # given
    sale = counter.place(2)
    pay_cash(counter.clerk, sale.pk, D("100.00"))
    hand_over(counter.clerk, sale.pk)

    # when
    refund_sale(counter.clerk, sale.pk, D("79.80"), "赔付", key=f"{KEY}1")

    # then
    assert (Stock.objects.get().quantity, fresh(sale).order.status) == (8, "fulfilled")
    assert counter.balance() == D("500.00")


def test_above_the_limit_also_in_small_pieces(counter: Counter, colleague: Callable[..., User]) -> None:
    # given: 119.70 paid, the clerk may refund 100
    colleague("C11", "chief", SELL_AND_REFUND, limits={"refund": "1000.00"})
    sale = counter.place(3)
    pay_cash(counter.clerk, sale.pk, D("119.70"))
    refund_sale(counter.clerk, sale.pk, D("60.00"), "x", key=f"{KEY}1")

    # then
    with pytest.raises(OrgError) as above:
        refund_sale(counter.clerk, sale.pk, D("40.01"), "x", key=f"{KEY}2")
    assert above.value.code == "LIMIT_EXCEEDED"
    assert "chief" in str(above.value.hint)
    assert counter.balance() == D("440.30")


def test_a_code_is_refunded_through_the_cashier(counter: Counter, wechat: Wechat) -> None:
    # given
    sale = counter.place(2)
    show_code(counter.clerk, sale.pk)
    wechat.notify(wechat.pay(sale))

    # when
    for _click in range(2):
        refund_sale(counter.clerk, sale.pk, D("79.80"), "买错了", key=f"{KEY}1")

    # then
    assert (Refund.objects.get().amount, SaleRefund.objects.get().paid_by) == (D("79.80"), PaidBy.CODE)
    assert (fresh(sale).state, fresh(sale).order.status, allocated()) == (SaleState.REFUNDED, "canceled", 0)
    assert counter.balance() == D("500.00")


def test_ten_refunds_at_once_give_the_money_back_once(counter: Counter) -> None:
    # given
    sale = counter.place(2)
    pay_cash(counter.clerk, sale.pk, D("100.00"))

    # when: ten different requests for all of it
    results = together(
        *[
            partial(refund_sale, again(counter.clerk), sale.pk, D("79.80"), "x", key=f"{KEY}{number}")
            for number in range(10)
        ]
    )

    # then
    assert Tally(type(one).__name__ for one in results) == Tally({"CounterSale": 1, "CounterError": 9})
    assert counter.balance() == D("500.00")


def test_who_may_refund(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    sale = counter.place(1)
    pay_cash(counter.clerk, sale.pk, D("40.00"))
    seller = colleague("B111", "seller", ["counter_order.view", "counter_order.create"])
    abroad = colleague("B121", "abroad", SELL_AND_REFUND, limits={"refund": "1000.00"})

    # then
    for user, error in ((seller, NotAllowed), (abroad, OutOfScope), (counter.world.customer, OutOfScope)):
        with pytest.raises(error):
            refund_sale(again(user), sale.pk, D("39.90"), "x", key=f"{KEY}1")
    unpaid = counter.place(1)
    assert (
        refused(lambda: refund_sale(counter.clerk, unpaid.pk, D("1.00"), "x", key=f"{KEY}2")).code
        == Code.NOT_PAID
    )
    assert counter.balance() == D("460.10")


SELL_AND_REFUND = ("counter_order.view", "counter_order.create", "counter_order.refund")
