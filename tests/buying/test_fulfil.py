"""Sending goods: not before the money, and not twice."""

from __future__ import annotations

from saleor.order.models import Fulfillment
from saleor.warehouse.models import Stock

from saleor_o2o.cashier.services import closing
from tests.stock.world import World, make_order
from tests.threads import together

from . import clerk
from .books import books, deadline_passes, paid, unpaid
from .conftest import WechatPay
from .shopper import buy, start


def test_an_unpaid_order_stays_in_the_warehouse(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world, 2)
    start(order)

    # when
    errors = clerk.fulfill(world, order)

    # then
    assert [(error["field"], error["message"], error["code"]) for error in errors] == [
        ("order", "订单尚未付款，到账后才能发货", "PAYMENT_MISSING")
    ]
    assert books(order) == unpaid(2, "open")
    assert Stock.objects.get().quantity == 10
    assert not Fulfillment.objects.exists()


def test_a_closed_order_stays_in_the_warehouse(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world, 2)
    deadline_passes(order)
    closing.expire_due()

    # when / then
    assert [error["code"] for error in clerk.fulfill(world, order)] == ["PAYMENT_MISSING"]
    assert Stock.objects.get().quantity == 10


def test_a_paid_order_is_sent(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world, 2)
    start(order)
    wechat.pay(order)
    wechat.deliver(wechat.hear())
    assert books(order) == paid("89.80", 2)

    # when
    assert clerk.fulfill(world, order) == []

    # then
    after = books(order)
    assert (after.order, after.allocated) == ("fulfilled", 0)
    assert Stock.objects.get().quantity == 8


def test_two_clerks_send_the_same_line_once(world: World) -> None:
    # given
    order = make_order(world, 2)

    # when
    answers = together(*[lambda: clerk.fulfill(world, order)] * 3)

    # then
    assert sorted(len(errors) for errors in answers) == [0, 1, 1]
    assert Fulfillment.objects.count() == 1
    assert Stock.objects.get().quantity == 8
    assert order.lines.get().quantity_fulfilled == 2
