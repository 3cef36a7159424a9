"""Captures, voids and refunds through stock's mutations: whole, in part, refused, unanswered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from saleor.order.models import Order

from plugins.stripe_pay.models import ChargeState, MoveState, StripeMove
from plugins.stripe_pay.tasks import settle
from saleor_o2o.cashier.interfaces import awaits_money
from tests.buying.shopper import ask
from tests.stock.world import gid
from tests.threads import together

from .conftest import Cards, the_charge, the_payment

REFUND = """mutation($id: ID!, $amount: Decimal!) { orderRefund(id: $id, amount: $amount) {
  order { paymentStatus } orderErrors { message code } } }"""
CAPTURE = """mutation($id: ID!, $amount: Decimal!) { orderCapture(id: $id, amount: $amount) {
  order { paymentStatus totalCaptured { amount } } orderErrors { message code } } }"""
VOID = (
    """mutation($id: ID!) { orderVoid(id: $id) { order { paymentStatus } orderErrors { message code } } }"""
)


def act(cards: Cards, mutation: str, amount: str | None = None) -> Any:
    """A clerk presses the button of the dashboard."""
    variables: dict[str, Any] = {"id": gid("Order", Order.objects.get())}
    if amount is not None:
        variables["amount"] = amount
    (answer,) = ask(mutation, variables, cards.world.admin).values()
    return answer


def test_a_refund_in_part_and_the_rest(cards: Cards) -> None:
    # given
    cards.buy()
    total = the_payment().total

    # when
    first = act(cards, REFUND, "10.01")

    # then
    assert first["orderErrors"] == []
    payment = the_payment()
    assert (payment.captured_amount, payment.charge_status) == (
        total - Decimal("10.01"),
        "partially-refunded",
    )
    assert cards.intents()[0]["charges"]["data"][0]["amount_refunded"] == 1001

    # when too much, then the rest
    refused = act(cards, REFUND, str(total))
    rest = act(cards, REFUND, str(total - Decimal("10.01")))

    # then
    assert refused["orderErrors"][0]["message"] == "退款金额超过可退余额，请核对已退和处理中的退款"
    assert rest["orderErrors"] == []
    assert the_payment().charge_status == "fully-refunded"
    rows = StripeMove.objects.order_by("pk")
    assert [(row.state, row.amount, row.booked) for row in rows] == [
        (MoveState.DONE, Decimal("10.01"), True),
        (MoveState.DONE, total - Decimal("10.01"), True),
    ]
    assert cards.intents()[0]["charges"]["data"][0]["amount_refunded"] == int(total * 100)


@pytest.mark.parametrize("fault", ["answer_lost", "http_500"])
def test_an_unanswered_refund_goes_back_once(cards: Cards, fault: str) -> None:
    # given
    cards.buy()
    total = the_payment().total
    cards.fault("refund", fault)

    # when
    first = act(cards, REFUND, "10")

    # then a lost answer was found by asking, what did not arrive waits
    if fault == "answer_lost":
        assert first["orderErrors"] == []
    else:
        assert "请勿重复操作" in first["orderErrors"][0]["message"]
        assert the_payment().captured_amount == total
        StripeMove.objects.update(next_check_at=timezone.now())
        settle()
    settle()
    assert the_payment().captured_amount == total - 10
    assert StripeMove.objects.get().state == MoveState.DONE
    assert cards.intents()[0]["charges"]["data"][0]["amount_refunded"] == 1000
    assert Order.objects.get().events.filter(type="payment_refunded").count() == 1


def test_two_clerks_cannot_give_the_same_yuan_back(cards: Cards) -> None:
    # given
    cards.buy()
    total = the_payment().total

    # when
    answers = together(*[lambda: act(cards, REFUND, str(total)) for _ in range(4)])

    # then
    assert sorted(bool(answer["orderErrors"]) for answer in answers) == [False, True, True, True]
    assert the_payment().captured_amount == 0
    assert cards.intents()[0]["charges"]["data"][0]["amount_refunded"] == int(total * 100)


def test_an_authorisation_is_captured_in_part(authorizing: Cards) -> None:
    # given
    done = authorizing.buy()
    order = Order.objects.get()
    assert done["order"]["paymentStatus"] == "NOT_CHARGED"
    assert awaits_money(order.pk) is True
    assert the_charge().state == ChargeState.AUTHORIZED
    assert authorizing.intents()[0]["status"] == "requires_capture"

    # when
    captured = act(authorizing, CAPTURE, "30")

    # then
    assert captured["orderErrors"] == []
    assert captured["order"]["totalCaptured"]["amount"] == 30.0
    assert (the_charge().state, the_charge().captured) == (ChargeState.PAID, Decimal(30))
    assert authorizing.intents()[0]["amount_received"] == 3000
    assert awaits_money(order.pk) is False

    # when again, or back more than came
    again = act(authorizing, CAPTURE, "5")
    too_much = act(authorizing, REFUND, "30.01")
    back = act(authorizing, REFUND, "30")

    # then
    assert again["orderErrors"] and too_much["orderErrors"]
    assert back["orderErrors"] == []
    assert the_payment().charge_status == "fully-refunded"


def test_an_authorisation_is_captured_whole(authorizing: Cards) -> None:
    # given
    authorizing.buy()

    # when
    captured = act(authorizing, CAPTURE, str(the_payment().total))

    # then
    assert captured["orderErrors"] == []
    assert Order.objects.get().is_fully_paid()


@pytest.mark.parametrize("mutation", [CAPTURE, VOID], ids=["capture", "void"])
@pytest.mark.parametrize("fault", ["answer_lost", "http_500"])
def test_the_end_of_an_authorisation_without_an_answer(authorizing: Cards, mutation: str, fault: str) -> None:
    # given
    authorizing.buy()
    total = the_payment().total
    authorizing.fault("capture" if mutation is CAPTURE else "refund", fault)

    # when
    act(authorizing, mutation, str(total) if mutation is CAPTURE else None)
    StripeMove.objects.filter(booked=False).update(next_check_at=timezone.now())
    settle()

    # then
    assert StripeMove.objects.get().state == MoveState.DONE
    payment = the_payment()
    if mutation is CAPTURE:
        assert (payment.captured_amount, the_charge().state) == (total, ChargeState.PAID)
    else:
        assert (payment.is_active, the_charge().state) == (False, ChargeState.CANCELLED)
        assert authorizing.intents()[0]["status"] == "canceled"


def test_a_void_releases_the_money(authorizing: Cards) -> None:
    # given
    authorizing.buy()

    # when
    voided = act(authorizing, VOID)

    # then
    assert voided["orderErrors"] == []
    assert the_payment().is_active is False
    assert (the_charge().state, the_charge().code) == (ChargeState.CANCELLED, "VOIDED")
    assert authorizing.intents()[0]["status"] == "canceled"
    assert act(authorizing, CAPTURE, "10")["orderErrors"]
    assert authorizing.intents()[0]["amount_received"] == 0


def test_stripes_refusal_is_told_to_the_clerk(cards: Cards) -> None:
    # given the money was given back in Stripe's own dashboard
    cards.buy()
    cards.fault("refund", "error", code="charge_already_refunded")

    # when
    refused = act(cards, REFUND, "10")

    # then
    assert refused["orderErrors"][0]["message"] == "这笔钱在 Stripe 已全部退回，请核对退款记录"
    assert StripeMove.objects.get().state == MoveState.REFUSED
    assert act(cards, REFUND, "10")["orderErrors"] == []
