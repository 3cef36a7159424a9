"""Giving money back: never more than came, never twice, always under the number written first."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from saleor.order.models import Order
from saleor.payment import gateway as stock_gateway
from saleor.payment.models import Transaction

from plugins.wechat_pay import client
from plugins.wechat_pay.provider import WechatPayProvider
from saleor_o2o.cashier.error_codes import CashierErrorCode
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.events import (
    OrderRefunded,
    OrderRefundRequested,
    RefundFailed,
    RefundRequested,
    RefundSucceeded,
)
from saleor_o2o.cashier.models import OrderRefund, PaymentAttempt, PaymentIntent, Refund, RefundReason
from saleor_o2o.cashier.services import refunding
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.ordering.models import OrderProfile
from tests.stock.world import World
from tests.threads import together

from . import clerk
from .books import books, paid, time_passes
from .conftest import WechatPay
from .shopper import buy, intent_state, start


@pytest.fixture
def order(world: World, wechat: WechatPay) -> Order:
    """A paid order of two boxes: 89.80."""
    order = buy(world, 2)
    start(order)
    wechat.pay(order)
    assert wechat.deliver(wechat.hear()) == 204
    return order


def test_half_goes_back_and_arrives(world: World, wechat: WechatPay, order: Order) -> None:
    # when
    with capture_events() as events:
        assert clerk.refund(world, order, "44.90") == []
        refund = Refund.objects.get()
        wechat.control.finish_refund(refund.number)
        wechat.deliver(wechat.hear())

    # then
    whole = OrderRefund.objects.get()
    told = {"order_id": order.pk, "amount": Decimal("44.90"), "key": whole.key}
    assert events == [
        OrderRefundRequested(order_refund_id=whole.pk, **told),
        RefundRequested(refund_id=refund.pk, **told),
        RefundSucceeded(refund_id=refund.pk, **told),
        OrderRefunded(order_refund_id=whole.pk, **told),
    ]
    after = books(order)
    assert (after.charge, after.captured, after.active) == ("partially-refunded", Decimal("44.90"), True)
    assert after.refunds == (("succeeded", Decimal("44.90")),)
    assert [item["amount"]["refund"] for item in wechat.control.order(wechat.number(order))["refunds"]] == [
        4490
    ]
    refund = Refund.objects.get()
    assert (refund.reason, refund.requested_by) == (RefundReason.STAFF, f"user:{world.admin.pk}")
    shown = intent_state(order)
    assert [(item["state"], item["amount"]) for item in shown["refunds"]] == [("SUCCEEDED", 44.9)]


def test_without_a_notification_the_refund_is_asked_for(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given
    clerk.refund(world, order, "10.00")
    refund = Refund.objects.get()
    assert refund.state == "processing"
    wechat.control.finish_refund(refund.number)

    # when
    time_passes()
    assert [refunding.drive_due_refunds(), refunding.drive_due_refunds()] == [1, 0]

    # then
    refund = Refund.objects.get()
    assert refund.state == "succeeded"
    assert refund.finished_at is not None


def test_the_whole_amount_twice_at_once_goes_back_once(world: World, wechat: WechatPay, order: Order) -> None:
    # when
    results = together(*[lambda: clerk.refund(world, order, "89.80")] * 2)

    # then
    assert sorted(len(errors) for errors in results) == [0, 1]
    assert Refund.objects.get().amount == Decimal("89.80")
    assert books(order).captured == Decimal("0.00")
    assert len(wechat.control.order(wechat.number(order))["refunds"]) == 1


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ("89.81", "退款金额超过可退余额"),
        ("1000000", "退款金额超过可退余额"),
        ("0.001", "金额"),
        ("0.004", "金额"),
    ],
)
def test_a_wrong_amount_is_refused_in_chinese(
    world: World, wechat: WechatPay, order: Order, amount: str, message: str
) -> None:
    # when
    errors = clerk.refund(world, order, amount)

    # then
    assert [error["code"] for error in errors] == ["PAYMENT_ERROR"]
    assert message in errors[0]["message"]
    assert books(order) == paid("89.80", 2)
    assert wechat.control.order(wechat.number(order))["refunds"] == []


def test_after_a_part_no_more_than_the_rest(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    clerk.refund(world, order, "80.00")

    # when
    errors = clerk.refund(world, order, "9.81")

    # then
    assert [error["message"] for error in errors] == ["退款金额超过可退余额"]
    assert clerk.refund(world, order, "9.80") == []
    assert [error["message"] for error in clerk.refund(world, order, "0.01")] == ["退款金额超过可退余额"]
    assert books(order).captured == Decimal("0.00")


def test_many_parts_sum_to_the_whole(
    world: World, wechat: WechatPay, order: Order, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    # given: nobody gives up waiting because the machine is busy
    settings.O2O_LOCK_TIMEOUT = 30
    monkeypatch.setattr(WechatPayProvider, "refund_gap", 0.0)
    parts = [Decimal("0.01")] * 5 + [Decimal("29.93")] * 2 + [Decimal("29.89")]

    # when
    results = together(*[lambda part=part: clerk.refund(world, order, part) for part in parts])

    # then
    assert results == [[]] * 8
    time_passes()
    refunding.drive_due_refunds()
    assert Refund.objects.aggregate(total=Sum("amount")) == {"total": Decimal("89.80")}
    after = books(order)
    assert (after.charge, after.captured, after.active) == ("fully-refunded", Decimal("0.00"), False)
    sent = wechat.control.order(wechat.number(order))["refunds"]
    assert sum(item["amount"]["refund"] for item in sent) == 8980


def test_refunds_of_one_payment_are_sent_a_minute_apart(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # when
    for _ in range(3):
        assert clerk.refund(world, order, "10.00") == []

    # then the first is under way; the others wait their turn
    first, second, third = Refund.objects.order_by("pk")
    assert [first.state, second.state, third.state] == ["processing", "requested", "requested"]
    assert second.next_try_at - first.created_at == timedelta(seconds=60)
    assert third.next_try_at - second.next_try_at == timedelta(seconds=60)
    assert len(wechat.control.order(wechat.number(order))["refunds"]) == 1
    assert books(order).captured == Decimal("59.80")

    # when
    time_passes()
    refunding.drive_due_refunds()

    # then
    assert len(wechat.control.order(wechat.number(order))["refunds"]) == 3


def test_the_fifty_first_refund_is_refused(
    world: World, wechat: WechatPay, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    attempt = PaymentAttempt.objects.get()
    Refund.objects.bulk_create(
        Refund(attempt=attempt, number=f"RF{n}", amount="0.01", reason="staff", state="succeeded")
        for n in range(50)
    )

    # when
    errors = clerk.refund(world, order, "0.01")

    # then
    assert [error["message"] for error in errors] == ["这笔支付的退款次数已到上限"]
    assert Refund.objects.count() == 50


def test_after_a_year_wechat_gives_nothing_back(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    attempt = PaymentAttempt.objects.get()
    PaymentAttempt.objects.update(paid_at=attempt.paid_at - timedelta(days=365, minutes=1))

    # when / then
    assert [error["message"] for error in clerk.refund(world, order, "1.00")] == ["已超过支付机构的退款期限"]
    assert books(order) == paid("89.80", 2)


def test_an_unpaid_order_has_nothing_to_give_back(world: World, wechat: WechatPay) -> None:
    # given
    unpaid_order = buy(world)
    start(unpaid_order)

    # when
    errors = clerk.refund(world, unpaid_order, "1.00")

    # then
    assert [error["message"] for error in errors] == ["订单尚未付款"]
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("kind", "params", "reached"),
    [
        ("answer_lost", {}, True),
        ("answer_lost", {"answer": "http_500"}, True),
        ("bad_signature", {}, True),
        ("timeout", {"delay": 0.9}, True),
        ("timeout", {"delay": 0.9, "done": False}, False),
        ("http_500", {}, False),
        ("http_429", {}, False),
    ],
)
def test_an_unknown_answer_is_asked_again_under_the_same_number(
    world: World,
    wechat: WechatPay,
    order: Order,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    params: dict,
    reached: bool,
) -> None:
    # given
    monkeypatch.setattr(client, "TIMEOUT", (3, 0.3))
    monkeypatch.setattr(client, "_clients", {})
    wechat.control.fault("refund", kind, **params)

    # when
    assert clerk.refund(world, order, "20.00") == []

    # then
    refund = Refund.objects.get()
    assert (refund.state, refund.try_count) == ("requested", 1)
    assert refund.last_error != ""
    assert len(wechat.control.order(wechat.number(order))["refunds"]) == int(reached)

    # when
    time_passes()
    refunding.drive_due_refunds()

    # then
    refund = Refund.objects.get()
    assert (refund.state, refund.last_error) == ("processing", "")
    there = wechat.control.order(wechat.number(order))["refunds"]
    assert [item["out_refund_no"] for item in there] == [refund.number]


def test_not_enough_money_at_wechat_waits(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    wechat.control.fault("refund", "error", code="NOT_ENOUGH")

    # when
    clerk.refund(world, order, "20.00")
    waiting = Refund.objects.get()
    time_passes()
    refunding.drive_due_refunds()

    # then
    assert (waiting.state, waiting.last_error) == ("requested", "NOT_ENOUGH")
    assert Refund.objects.get().state == "processing"
    assert books(order).captured == Decimal("69.80")


def test_a_definite_refusal_takes_the_booking_back(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    wechat.control.fault("refund", "error", code="INVALID_REQUEST")

    # when
    with capture_events() as events:
        clerk.refund(world, order, "89.80")

    # then
    refund = Refund.objects.get()
    assert (refund.state, refund.last_error) == ("failed", "INVALID_REQUEST")
    assert books(order) == paid("89.80", 2, refunds=(("failed", Decimal("89.80")),))
    assert [event.code for event in events.of(RefundFailed)] == ["INVALID_REQUEST"]
    assert PaymentIntent.objects.get().attention == "REFUND_FAILED"
    assert not Transaction.objects.filter(kind="refund", is_success=True).exists()
    assert order.events.filter(type="payment_failed").count() == 1

    # and it can be tried again, under a new number
    assert clerk.refund(world, order, "89.80") == []
    assert Refund.objects.filter(state__in=("requested", "processing")).count() == 1


def test_a_refusal_that_hides_an_earlier_success_is_seen_through(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given an answer that was lost, and then a refusal of the repetition
    wechat.control.fault("refund", "answer_lost")
    clerk.refund(world, order, "20.00")
    wechat.control.fault("refund", "error", code="INVALID_REQUEST")

    # when
    time_passes()
    refunding.drive_due_refunds()

    # then
    assert Refund.objects.get().state == "processing"
    assert books(order).captured == Decimal("69.80")


def test_a_closed_refund_takes_the_booking_back(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    clerk.refund(world, order, "20.00")
    number = Refund.objects.get().number

    # when
    wechat.control.finish_refund(number, "CLOSED")
    time_passes()
    refunding.drive_due_refunds()

    # then
    assert books(order) == paid("89.80", 2, refunds=(("failed", Decimal("20.00")),))
    assert AuditEntry.objects.get(action="cashier.refund_failed").after == {"code": "CLOSED"}


def test_an_abnormal_refund_calls_people_and_may_still_succeed(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given
    clerk.refund(world, order, "20.00")
    number = Refund.objects.get().number

    # when
    wechat.control.finish_refund(number, "ABNORMAL")
    time_passes()
    refunding.drive_due_refunds()

    # then
    assert books(order).refunds == (("abnormal", Decimal("20.00")),)
    assert PaymentIntent.objects.get().attention == "REFUND_ABNORMAL"
    assert AuditEntry.objects.filter(action="cashier.refund_abnormal").count() == 1

    # when asked again, nothing new
    time_passes()
    refunding.drive_due_refunds()
    assert AuditEntry.objects.filter(action="cashier.refund_abnormal").count() == 1


def test_staff_refund_the_orders_money_not_the_double_one(
    world: World, wechat: WechatPay, order: Order, sandbox_directory: object
) -> None:
    # given a second trade of the order that was paid as well, earlier by WeChat's clock
    from saleor_o2o.cashier.ports import TradeFact, TradeState
    from saleor_o2o.cashier.services.confirming import Confirmation, confirm_paid

    first = PaymentAttempt.objects.get()
    second = PaymentAttempt.objects.create(
        intent=first.intent,
        number="WXDOUBLE1",
        method=first.method,
        amount=first.amount,
        expires_at=first.expires_at,
    )
    told = TradeFact("WXDOUBLE1", TradeState.PAID, 8980, paid_at=first.paid_at - timedelta(minutes=1))

    # when
    assert confirm_paid(told) is Confirmation.REFUNDED
    assert clerk.refund(world, order, "10.00") == []

    # then
    refunds = list(Refund.objects.order_by("pk").values_list("attempt_id", "reason", "amount"))
    assert refunds == [
        (second.pk, "duplicate_payment", Decimal("89.80")),
        (first.pk, "staff", Decimal("10.00")),
    ]
    assert books(order).captured == Decimal("79.80")


def test_a_refund_is_written_for_paid_money_only(world: World, wechat: WechatPay) -> None:
    # given
    start(buy(world))
    attempt = PaymentAttempt.objects.get()

    # when
    with pytest.raises(CashierError) as refused:
        refunding.write_refund(attempt, Decimal("1.00"), RefundReason.STAFF)

    # then
    assert refused.value.code is CashierErrorCode.ORDER_NOT_PAID


def test_a_death_between_a_refund_and_telling_of_it_leaves_no_sub_order_behind(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given stock's orderRefund, whose process dies when the refund is booked and the order not told
    payment = order.get_last_payment()

    # when
    stock_gateway.refund(payment, Decimal("89.80"))

    # then
    profile = OrderProfile.objects.get(order=order)
    assert (profile.refunded, profile.state) == (Decimal("89.80"), "closed")
    assert set(order.o2o_sub_orders.values_list("state", flat=True)) == {"closed"}
