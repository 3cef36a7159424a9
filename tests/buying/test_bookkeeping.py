"""Stock's payment bookkeeping, made safe: each movement counted once, whoever repeats it (trap 3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.payment import ChargeStatus, TransactionKind, gateway
from saleor.payment.interface import GatewayResponse
from saleor.payment.models import Payment, Transaction
from saleor.payment.utils import gateway_postprocess as stock_postprocess
from saleor.warehouse.models import Allocation

from tests.stock.world import World, gid, make_order
from tests.threads import together

from . import clerk
from .books import books, paid, unpaid
from .conftest import WechatPay
from .shopper import ask, buy, choose_payment, complete, fill_checkout, start

DUMMY = "mirumee.payments.dummy"
CONFIRM = """mutation($id: ID!) { paymentSecureConfirm(paymentId: $id) {
  payment { id } paymentErrors { field message code } } }"""


def confirm(payment: Payment) -> list[dict[str, Any]]:
    return ask(CONFIRM, {"id": gid("Payment", payment)})["paymentSecureConfirm"]["paymentErrors"]


def make_payment(world: World, order: Order | None = None, **changes: Any) -> Payment:
    return Payment.objects.create(
        **{
            "gateway": DUMMY,
            "order": order or make_order(world),
            "total": Decimal("89.80"),
            "currency": "CNY",
            "is_active": True,
            "billing_email": "li@example.com",
            **changes,
        }
    )


def transaction_of(payment: Payment, kind: str = TransactionKind.CAPTURE, **changes: Any) -> Transaction:
    return payment.transactions.create(
        **{
            "kind": kind,
            "amount": payment.total,
            "currency": "CNY",
            "is_success": True,
            "token": "token",
            "gateway_response": {},
            **changes,
        }
    )


def asks_first(information: Any, _config: Any) -> GatewayResponse:
    """A card whose bank wants to ask its owner."""
    return GatewayResponse(
        is_success=True,
        action_required=True,
        kind=TransactionKind.CAPTURE,
        amount=information.amount,
        currency=information.currency,
        transaction_id="3ds",
        error=None,
    )


def test_captures_at_once_are_counted_once(world: World) -> None:
    # given
    payment = make_payment(world)
    rows = [transaction_of(payment) for _ in range(6)]

    # when
    together(
        *[
            lambda row=row: gateway.gateway_postprocess(row, Payment.objects.get(pk=payment.pk))
            for row in rows
        ]
    )

    # then
    payment.refresh_from_db()
    assert payment.captured_amount == Decimal("89.80")
    assert payment.charge_status == ChargeStatus.FULLY_CHARGED
    assert payment.order.events.filter(type="order_fully_paid").count() == 1


def test_without_our_lock_they_are_counted_twice(world: World) -> None:
    """The control: stock's own function does what the trap says, so the test above can fail."""
    # given
    payment = make_payment(world)
    rows = [transaction_of(payment) for _ in range(2)]

    # when
    for row in rows:
        stock_postprocess(row, payment)

    # then
    payment.refresh_from_db()
    assert payment.captured_amount == Decimal("179.60")


def test_two_refunds_at_once_are_both_counted(world: World) -> None:
    # given
    payment = make_payment(world, captured_amount="89.80", charge_status=ChargeStatus.FULLY_CHARGED)
    rows = [transaction_of(payment, TransactionKind.REFUND, amount=Decimal("10.00")) for _ in range(4)]

    # when
    stale = [Payment.objects.get(pk=payment.pk) for _ in rows]
    together(
        *[
            lambda row=row, old=old: gateway.gateway_postprocess(row, old)
            for row, old in zip(rows, stale, strict=True)
        ]
    )

    # then
    payment.refresh_from_db()
    assert payment.captured_amount == Decimal("49.80")


def test_staff_capturing_at_once_is_counted_once(world: World) -> None:
    # given an authorised payment
    order = make_order(world)
    payment = make_payment(world, order)
    transaction_of(payment, TransactionKind.AUTH)

    # when
    together(*[lambda: clerk.capture(world, order, "89.80")] * 3)

    # then
    payment.refresh_from_db()
    assert (payment.captured_amount, payment.charge_status) == (Decimal("89.80"), ChargeStatus.FULLY_CHARGED)


def test_a_confirmation_repeated_by_anybody_counts_once(world: World) -> None:
    # given
    payment = make_payment(world, to_confirm=True)
    transaction_of(payment, action_required=True)

    # when
    answers = [confirm(payment) for _ in range(3)]
    answers += together(*[lambda: confirm(payment)] * 3)

    # then
    assert answers == [[]] * 6
    payment.refresh_from_db()
    assert (payment.captured_amount, payment.to_confirm) == (Decimal("89.80"), False)
    assert payment.order.events.filter(type="order_fully_paid").count() == 1


def test_a_card_that_asks_first_makes_no_order_then_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("saleor.payment.gateways.dummy.plugin.process_payment", asks_first)
    checkout = fill_checkout(world, 2)
    choose_payment(checkout, DUMMY, "token")

    # when
    first = complete(checkout)

    # then
    assert (first["order"], first["confirmationNeeded"], first["checkoutErrors"]) == (None, True, [])
    assert not Order.objects.exists()
    assert not Allocation.objects.exists()
    payment = Payment.objects.get()
    assert (payment.to_confirm, payment.captured_amount) == (True, Decimal("0.00"))

    # when
    answers = [complete(checkout) for _ in range(2)]

    # then
    assert {answer["order"]["id"] for answer in answers} == {gid("Order", Order.objects.get())}
    payment.refresh_from_db()
    assert (payment.captured_amount, payment.to_confirm) == (Decimal("89.80"), False)
    assert Allocation.objects.get().quantity_allocated == 2
    assert not Checkout.objects.exists()


def test_confirming_a_carts_payment_directly_charges_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("saleor.payment.gateways.dummy.plugin.process_payment", asks_first)
    checkout = fill_checkout(world, 2)
    choose_payment(checkout, DUMMY, "token")
    complete(checkout)

    # when
    errors = confirm(Payment.objects.get())

    # then
    assert [(error["field"], error["code"]) for error in errors] == [("paymentId", "PAYMENT_ERROR")]
    assert Payment.objects.get().captured_amount == Decimal("0.00")
    assert complete(checkout)["order"] is not None


def test_a_payment_that_was_charged_before_is_not_charged_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given money taken in an earlier try
    checkout = fill_checkout(world, 2)
    choose_payment(checkout, DUMMY, "token")
    payment = Payment.objects.get()
    gateway.process_payment(payment, "token")
    called: list[str] = []
    monkeypatch.setattr(gateway, "process_payment", lambda **_: called.append("again"))

    # when
    answer = complete(checkout)

    # then
    assert called == []
    assert Order.objects.get(token=answer["order"]["token"]).is_fully_paid()
    payment.refresh_from_db()
    assert payment.captured_amount == Decimal("89.80")


def test_staff_cannot_capture_what_the_payer_has_not_paid(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    start(order)

    # when
    errors = clerk.capture(world, order, "49.90")

    # then
    assert [error["message"] for error in errors] == ["顾客尚未付款，不能确认收款"]
    assert books(order) == unpaid(1, "open")
    assert not Transaction.objects.filter(kind=TransactionKind.CAPTURE, is_success=True).exists()


def test_nobody_confirms_an_unpaid_wechat_order(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    start(order)

    # when
    errors = confirm(order.payments.get())

    # then
    assert [error["code"] for error in errors] == ["PAYMENT_ERROR"]
    assert books(order) == unpaid(1, "open")


def test_confirming_a_paid_wechat_order_changes_nothing(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.pay(order)
    wechat.deliver(wechat.hear())

    # when
    confirm(order.payments.get())
    clerk.capture(world, order, "49.90")

    # then
    assert books(order) == paid("49.90", 1)
