"""Placing an order: all of it or nothing, and the same answer to the same question."""

from __future__ import annotations

from decimal import Decimal

import pytest
from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.payment import ChargeStatus, TransactionKind
from saleor.payment.models import Payment
from saleor.warehouse.models import Allocation, Stock

from saleor_o2o.cashier.models import IntentState, PaymentIntent
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.ordering.events import OrderPlaced
from tests.stock.world import World

from .conftest import WechatPay
from .shopper import buy, choose_payment, complete, fill_checkout

DUMMY = "mirumee.payments.dummy"


def test_an_order_paid_later_exists_unpaid_with_its_stock_and_without_its_cart(
    world: World, wechat: WechatPay
) -> None:
    # when
    with capture_events() as events:
        order = buy(world, 3)

    # then
    assert order.total.gross.amount == Decimal("129.70")
    assert Allocation.objects.get().quantity_allocated == 3
    assert not Checkout.objects.exists()
    intent = PaymentIntent.objects.get()
    assert (intent.order, intent.amount, intent.state) == (order, Decimal("129.70"), IntentState.PENDING)
    payment = order.payments.get()
    assert payment.charge_status == ChargeStatus.NOT_CHARGED
    assert [t.kind for t in payment.transactions.all()] == [TransactionKind.AUTH]
    assert events.of(OrderPlaced) == [
        OrderPlaced(order_id=order.pk, total=Decimal("129.70"), gateway="o2o.wechat_pay")
    ]


def test_completing_the_same_checkout_again_gives_the_same_order(world: World, wechat: WechatPay) -> None:
    # given
    checkout = fill_checkout(world)
    choose_payment(checkout)
    first = complete(checkout)

    # when
    second = complete(checkout)

    # then
    assert second["order"]["id"] == first["order"]["id"]
    assert Order.objects.count() == 1
    assert Allocation.objects.get().quantity_allocated == 1


def test_a_gateway_that_charges_at_once_gives_a_paid_order(world: World) -> None:
    # when
    order = buy(world, 2, gateway=DUMMY, token="token")

    # then
    assert order.is_fully_paid()
    assert Payment.objects.get().charge_status == ChargeStatus.FULLY_CHARGED
    assert not Checkout.objects.exists()
    assert "order_fully_paid" in {event.type for event in order.events.all()}


def test_a_refused_charge_leaves_the_checkout_and_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("saleor.payment.gateways.dummy.dummy_success", lambda: False)
    checkout = fill_checkout(world, 2)
    choose_payment(checkout, DUMMY, "token")

    # when
    answer = complete(checkout)

    # then
    assert answer["order"] is None
    assert [error["code"] for error in answer["checkoutErrors"]] == ["PAYMENT_ERROR"]
    assert Checkout.objects.count() == 1
    assert not Order.objects.exists()
    assert not Allocation.objects.exists()
    assert Payment.objects.get().captured_amount == 0


def test_too_little_stock_charges_nothing(world: World) -> None:
    # given a cart of everything, and somebody who buys one in the meantime
    checkout = fill_checkout(world, 10)
    choose_payment(checkout, DUMMY, "token")
    Stock.objects.update(quantity=9)

    # when
    answer = complete(checkout)

    # then
    assert [error["code"] for error in answer["checkoutErrors"]] == ["INSUFFICIENT_STOCK"]
    assert not Order.objects.exists()
    assert not Payment.objects.get().transactions.exists()


def test_a_changed_total_is_not_charged_with_the_old_payment(world: World) -> None:
    # given a payment chosen before the price fell
    checkout = fill_checkout(world, 2)
    choose_payment(checkout, DUMMY, "token")
    world.method.price_amount = 5
    world.method.save()

    # when
    answer = complete(checkout)

    # then
    assert [error["code"] for error in answer["checkoutErrors"]] == ["CHECKOUT_NOT_FULLY_PAID"]
    assert not Order.objects.exists()
    assert Payment.objects.get().captured_amount == 0


def test_choosing_the_payment_again_takes_the_total_of_now(world: World) -> None:
    # given
    checkout = fill_checkout(world, 2)
    choose_payment(checkout, DUMMY, "token")
    world.method.price_amount = 5
    world.method.save()

    # when
    checkout["total"] = 84.8
    choose_payment(checkout, DUMMY, "token")
    answer = complete(checkout)

    # then
    assert answer["order"]["total"]["gross"]["amount"] == 84.8
    assert Payment.objects.get(is_active=True).captured_amount == Decimal("84.80")


def test_an_unknown_checkout_is_answered_as_stock_does(world: World) -> None:
    # when
    answer = complete({"id": "bm90IGFuIGlk"})

    # then
    assert answer["order"] is None
    assert [error["field"] for error in answer["checkoutErrors"]] == ["checkoutId"]
