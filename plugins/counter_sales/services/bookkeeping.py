"""Cash in Saleor's books: one payment with its movements, each written once, under the sale's and the order's lock."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from saleor.order import events as order_events
from saleor.order.actions import handle_fully_paid_order
from saleor.order.models import Order
from saleor.payment import ChargeStatus, CustomPaymentChoices, TransactionKind
from saleor.payment.models import Payment, Transaction

from saleor_o2o.kernel.locks import lock_rows


def book_taken(order: Order, amount: Decimal, token: str, user: Any) -> Payment:
    """Book that a *locked* order was paid in cash, and announce it as fully paid. `amount` in yuan.

    The gateway is Saleor's `manual`: stock's own refund refuses it, so that no refund goes past the float.
    """
    payment = Payment.objects.create(
        gateway=CustomPaymentChoices.MANUAL,
        order=order,
        token=token,
        total=amount,
        captured_amount=amount,
        currency=order.currency,
        charge_status=ChargeStatus.FULLY_CHARGED,
        billing_email=order.user_email,
    )
    _movement(payment, TransactionKind.CAPTURE, amount, token)
    order_events.payment_captured_event(order=order, user=user, amount=amount, payment=payment)
    handle_fully_paid_order(order)
    return payment


def book_given_back(order: Order, amount: Decimal, token: str, user: Any) -> Payment:
    """Book that cash of a *locked* order was given back. Locks: its Saleor payment. `amount` in yuan.

    The caller has checked the amount against what is left of the sale.
    """
    cash = Payment.objects.filter(order=order, gateway=CustomPaymentChoices.MANUAL, is_active=True)
    payment = lock_rows(cash)[-1]
    payment.captured_amount -= amount
    whole = payment.captured_amount <= 0
    payment.charge_status = ChargeStatus.FULLY_REFUNDED if whole else ChargeStatus.PARTIALLY_REFUNDED
    payment.is_active = not whole
    payment.save(update_fields=["captured_amount", "charge_status", "is_active", "modified"])
    _movement(payment, TransactionKind.REFUND, amount, token)
    order_events.payment_refunded_event(order=order, user=user, amount=amount, payment=payment)
    return payment


def _movement(payment: Payment, kind: str, amount: Decimal, token: str) -> None:
    Transaction.objects.create(
        payment=payment,
        kind=kind,
        token=token,
        is_success=True,
        amount=amount,
        currency=payment.currency,
        gateway_response={},
    )
