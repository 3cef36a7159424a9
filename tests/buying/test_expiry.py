"""The deadline: closed at WeChat first, then here; money that comes anyway goes back by itself."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from saleor.order.models import Order
from saleor.payment.models import Transaction
from saleor.warehouse.models import Stock

from plugins.wechat_pay import client
from saleor_o2o.cashier.events import LateMoneyReceived, PaymentClosed, PaymentConfirmed
from saleor_o2o.cashier.models import PaymentAttempt, PaymentIntent, Refund, RefundReason
from saleor_o2o.cashier.services import closing, inbox, watching
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.kernel.models import EventRecord, StateMove
from sandbox.client import wait_until
from tests.stock.world import World
from tests.threads import together

from . import clerk
from .books import Books, books, deadline_passes, freed, paid, run_all_jobs, time_passes, unpaid
from .conftest import WechatPay
from .shopper import buy, start

WHOLE = (("processing", Decimal("49.90")),)


@pytest.fixture
def order(world: World, wechat: WechatPay) -> Order:
    """An unpaid order of one box, its code shown to the payer."""
    order = buy(world)
    start(order)
    return order


def trade_state(wechat: WechatPay, order: Order) -> str:
    return str(wechat.control.order(wechat.number(order))["trade_state"])


def test_nothing_happens_before_the_deadline(world: World, wechat: WechatPay, order: Order) -> None:
    # when
    assert closing.expire_due() == 0

    # then
    assert books(order) == unpaid(1, "open")


def test_after_the_deadline_the_trade_is_closed_then_the_stock_is_free(
    world: World, wechat: WechatPay, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    deadline_passes(order)
    seen: list[tuple[str, int]] = []
    stock_finish = closing._finish

    def watched(intent_pk: int) -> None:
        seen.append((trade_state(wechat, order), books(order).allocated))
        stock_finish(intent_pk)

    monkeypatch.setattr(closing, "_finish", watched)

    # when
    with capture_events() as events:
        assert closing.expire_due() == 1

    # then
    assert seen == [("CLOSED", 1)]
    assert books(order) == freed("closed")
    assert [event for event in events if event.name.startswith("cashier.")] == [
        PaymentClosed(intent_id=PaymentIntent.objects.get().pk, order_id=order.pk, reason="EXPIRED")
    ]
    voids = Transaction.objects.filter(kind="void", is_success=True)
    assert [txn.amount for txn in voids] == [Decimal("49.90")]


def test_an_order_that_nobody_began_to_pay_is_closed_too(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world, 4)
    deadline_passes(order)

    # when
    closing.expire_due()

    # then
    assert books(order) == freed()


@pytest.mark.parametrize(
    ("where", "kind", "params"),
    [
        ("close", "http_500", {}),
        ("close", "answer_lost", {}),
        ("close", "timeout", {"delay": 0.9, "done": False}),
        ("close", "bad_signature", {}),
    ],
)
def test_the_stock_stays_taken_until_the_closing_is_known(
    world: World,
    wechat: WechatPay,
    order: Order,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    kind: str,
    params: dict[str, Any],
) -> None:
    # given neither the closing nor the query behind it is answered
    monkeypatch.setattr(client, "TIMEOUT", (3, 0.3))
    monkeypatch.setattr(client, "_clients", {})
    wechat.control.fault(where, kind, **params)
    wechat.control.fault("query", "http_500")
    deadline_passes(order)

    # when
    closing.expire_due()

    # then
    held = books(order)
    assert (held.order, held.intent, held.allocated) == ("unfulfilled", "closing", 1)
    assert closing.expire_due() == 0  # not yet due again

    # when
    time_passes()
    closing.expire_due()

    # then
    assert books(order) == freed("closed")
    assert trade_state(wechat, order) == "CLOSED"


def test_a_closing_whose_answer_was_lost_is_found_by_asking(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given
    wechat.control.fault("close", "answer_lost")
    deadline_passes(order)

    # when
    closing.expire_due()

    # then
    assert books(order) == freed("closed")


def test_a_payment_nobody_reported_is_found_at_the_deadline(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given
    wechat.control.fault("notify", "drop")
    wechat.pay(order)
    deadline_passes(order)

    # when
    closing.expire_due()

    # then
    assert books(order) == paid("49.90", 1)
    assert not Transaction.objects.filter(kind="void").exists()


def test_a_silent_payment_is_asked_for(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    wechat.control.fault("notify", "drop")
    wechat.pay(order)
    assert watching.query_silent() == 0  # too soon

    # when
    time_passes()
    assert [watching.query_silent(), watching.query_silent()] == [1, 0]

    # then
    assert books(order) == paid("49.90", 1)


def test_one_order_in_trouble_does_not_keep_the_others_waiting(
    world: World, wechat: WechatPay, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the first of two orders always fails
    other = buy(world, 2)
    start(other)
    deadline_passes(order)
    deadline_passes(other)
    stock_close = closing.close_attempt

    def failing(attempt: PaymentAttempt) -> bool:
        if attempt.intent.order_id == order.pk:
            raise RuntimeError("broken")
        return stock_close(attempt)

    monkeypatch.setattr(closing, "close_attempt", failing)

    # when
    assert closing.expire_due() == 1

    # then
    assert books(other) == freed("closed")
    assert books(order).intent == "closing"


@pytest.mark.parametrize("after", ["notification", "query"])
def test_money_after_the_closing_goes_back_by_itself_once(
    world: World, wechat: WechatPay, order: Order, after: str
) -> None:
    # given a payer who was typing the password when we closed
    deadline_passes(order)
    closing.expire_due()
    wechat.control.pay(wechat.number(order), after_close=True)
    heard = wechat.hear()

    # when
    with capture_events() as events:
        assert wechat.deliver(heard) == 204
        wechat.deliver(heard)
        Refund.objects.get()
        run_all_jobs()

    # then
    assert books(order) == freed("paid", refunds=WHOLE)
    refund = Refund.objects.get()
    assert (refund.reason, refund.requested_by) == (RefundReason.LATE_PAYMENT, "system")
    assert [event.refund_id for event in events.of(LateMoneyReceived)] == [refund.pk]
    assert events.of(PaymentConfirmed) == []
    assert [item["amount"]["refund"] for item in wechat.control.order(wechat.number(order))["refunds"]] == [
        4990
    ]

    # when it fails, the order's books are not touched, and people are called
    if after == "query":
        wechat.control.finish_refund(refund.number, "CLOSED")
        time_passes()
        run_all_jobs()
        assert books(order) == freed("paid", refunds=(("failed", Decimal("49.90")),))
        assert PaymentIntent.objects.get().attention == "REFUND_FAILED"


def test_pay_after_close_by_the_sandbox(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    wechat.control.fault("close", "pay_after_close", delay=0.05)
    deadline_passes(order)

    # when
    closing.expire_due()
    wechat.deliver(wechat.hear())

    # then
    assert books(order) == freed("paid", refunds=WHOLE)


def test_money_between_the_closing_there_and_here_keeps_the_order(
    world: World, wechat: WechatPay, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    deadline_passes(order)
    stock_finish = closing._finish

    def paid_first(intent_pk: int) -> None:
        wechat.control.pay(wechat.number(order), after_close=True)
        wechat.deliver(wechat.hear())
        stock_finish(intent_pk)

    monkeypatch.setattr(closing, "_finish", paid_first)

    # when
    closing.expire_due()

    # then
    assert books(order) == paid("49.90", 1)


def test_a_mismatched_amount_keeps_the_stock_and_is_not_asked_for_all_the_time(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given WeChat has another amount than we think
    PaymentAttempt.objects.update(amount="48.90")
    wechat.control.fault("notify", "drop")
    wechat.pay(order)
    deadline_passes(order)

    # when
    closing.expire_due()

    # then
    held = books(order)
    assert (held.intent, held.allocated, held.captured) == ("closing", 1, Decimal("0.00"))
    assert PaymentIntent.objects.get().attention == "AMOUNT_MISMATCH"
    assert closing.expire_due() == 0


def legal(order: Order) -> Books:
    """Run what is left over, then check that it is one of the two ends."""
    for _ in range(3):
        time_passes()
        run_all_jobs()
    after = books(order)
    assert after in (paid("49.90", 1), freed("paid", refunds=WHOLE)), after
    return after


def test_a_notification_racing_the_deadline_has_two_ends_and_no_third(
    world: World, wechat: WechatPay
) -> None:
    Stock.objects.update(quantity=100)
    ends: list[str] = []
    for round_ in range(6):
        # given
        order = buy(world)
        start(order)
        wechat.pay(order)
        heard = wechat.hear()
        deadline_passes(order)
        runners: list[Callable[[], Any]] = [lambda heard=heard: wechat.deliver(heard), closing.expire_due]

        # when
        together(*(runners if round_ % 2 else reversed(runners)))

        # then
        ends.append(legal(order).intent)
        if ends[-1] == "closed":
            assert books(order).refunds == WHOLE
    assert set(ends) <= {"paid", "closed"}
    assert EventRecord.objects.filter(name=PaymentConfirmed.name).count() == ends.count("paid")


def test_a_payer_racing_the_deadline_has_three_ends(world: World, wechat: WechatPay) -> None:
    for _ in range(4):
        # given
        order = buy(world)
        start(order)
        deadline_passes(order)
        number = wechat.number(order)

        # when
        def pay(number: str = number) -> Any:
            return wechat.control.pay(number)

        paid_at, _driven = together(pay, closing.expire_due)

        # then
        if isinstance(paid_at, dict):
            wechat.deliver(wechat.hear())
            legal(order)
        else:
            time_passes()
            run_all_jobs()
            assert books(order) == freed("closed")


def test_cancelling_racing_the_money_never_keeps_money_for_free(world: World, wechat: WechatPay) -> None:
    for _ in range(4):
        # given
        order = buy(world)
        start(order)
        wechat.pay(order)
        heard = wechat.hear()

        # when
        together(lambda heard=heard: wechat.deliver(heard), lambda order=order: clerk.cancel(world, order))
        for _again in range(3):
            time_passes()
            run_all_jobs()

        # then either the money was first (staff cancelled a paid order and decide about it), or it went back
        after = books(order)
        assert after.order == "canceled"
        assert after.allocated == 0
        assert (after.intent, after.captured, after.refunds) in (
            ("paid", Decimal("49.90"), ()),
            ("closed", Decimal("0.00"), WHOLE),
        )


def test_every_job_twice_and_at_once_changes_nothing(world: World, wechat: WechatPay, order: Order) -> None:
    # given one of each: paid, closed with late money, unpaid
    paid_order, waiting = buy(world), buy(world)
    start(paid_order)
    start(waiting)
    wechat.pay(paid_order)
    wechat.deliver(wechat.hear())
    deadline_passes(order)
    closing.expire_due()
    wechat.control.pay(wechat.number(order), after_close=True)
    wechat.deliver(wechat.hear())
    clerk.refund(world, paid_order, "5.00")
    wanted = [books(row) for row in (paid_order, order, waiting)]
    counts = (Transaction.objects.count(), EventRecord.objects.count(), StateMove.objects.count())

    # when
    for _ in range(2):
        time_passes()
        run_all_jobs()
    time_passes()
    together(run_all_jobs, run_all_jobs)

    # then
    assert [books(row) for row in (paid_order, order, waiting)] == wanted
    assert (Transaction.objects.count(), EventRecord.objects.count(), StateMove.objects.count()) == counts


def test_two_workers_close_an_order_once(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    deadline_passes(order)

    # when
    together(*[closing.expire_due] * 4)
    time_passes()
    closing.expire_due()

    # then
    assert books(order) == freed("closed")
    assert Transaction.objects.filter(kind="void").count() == 1
    assert EventRecord.objects.filter(name=PaymentClosed.name).count() == 1
    assert order.events.filter(type="canceled").count() == 1


def test_a_cancelled_order_is_closed_at_wechat(world: World, wechat: WechatPay, order: Order) -> None:
    # when
    assert clerk.cancel(world, order) == []

    # then
    assert books(order) == freed("closed")
    assert trade_state(wechat, order) == "CLOSED"
    assert PaymentIntent.objects.get().close_reason == "ORDER_CANCELLED"


def test_a_cancelled_order_whose_payer_was_quicker_is_refunded(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given
    wechat.pay(order)
    heard = wechat.hear()

    # when
    assert clerk.cancel(world, order) == []

    # then
    assert books(order) == freed("paid", refunds=WHOLE)
    wechat.deliver(heard)
    assert books(order) == freed("paid", refunds=WHOLE)


def test_staff_void_an_unpaid_order(world: World, wechat: WechatPay, order: Order) -> None:
    # when
    assert clerk.void(world, order) == []

    # then
    assert books(order) == freed("closed")
    assert trade_state(wechat, order) == "CLOSED"
    assert [error["code"] for error in clerk.void(world, order)] == ["VOID_INACTIVE_PAYMENT"]


def test_staff_cannot_void_what_is_paid(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    wechat.pay(order)
    wechat.hear()

    # when
    errors = clerk.void(world, order)

    # then
    assert [error["message"] for error in errors] == ["顾客已经付款，不能作废；如需退回请使用退款"]
    assert books(order) == paid("49.90", 1)


def test_staff_void_while_wechat_is_down_goes_on_by_itself(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given
    wechat.control.fault("*", "http_500", times=2)

    # when
    errors = clerk.void(world, order)

    # then
    assert [error["message"] for error in errors] == ["正在向支付机构关闭这笔支付，请稍后刷新查看"]
    assert books(order).allocated == 1
    time_passes()
    closing.expire_due()
    assert books(order) == freed("closed")


def test_late_and_lost_and_repeated_notifications_of_the_sandbox(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given
    wechat.control.fault("notify", "duplicate", copies=3)
    wechat.pay(order)
    copies = [wechat.hear() for _ in range(3)]
    deadline_passes(order)

    # when
    closing.expire_due()
    answers = [wechat.deliver(copy) for copy in copies]

    # then
    assert answers == [204, 204, 204]
    assert books(order) == paid("49.90", 1)
    wait_until(lambda: wechat.control.notifications()[0]["state"] == "delivered")
    inbox.process_due()
    assert books(order) == paid("49.90", 1)
