"""The cashier's locks, in their one order: intent, parts, attempt, order, Saleor payment, refund, tenders' rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from saleor.order.models import Order
from saleor.payment.models import Payment

from saleor_o2o.kernel.locks import lock_rows

from .error_codes import CashierErrorCode
from .errors import CashierError
from .models import LIVE_PARTS, PaymentAttempt, PaymentIntent, PaymentPart


@dataclass
class LockedTrade:
    """The rows that one payment touches, all locked and fresh."""

    intent: PaymentIntent
    order: Order
    payment: Payment
    attempt: PaymentAttempt | None = None
    parts: list[PaymentPart] = field(default_factory=list)


def lock_intent(pk: int) -> PaymentIntent:
    """Lock one intent. Raises CashierError NOT_FOUND, LockTimeout."""
    rows = lock_rows(PaymentIntent.objects.filter(pk=pk))
    if not rows:
        raise CashierError(CashierErrorCode.NOT_FOUND)
    return rows[0]


def lock_parts(intent: PaymentIntent) -> list[PaymentPart]:
    """Lock the parts that cover a *locked* intent. Costs nothing for an order that is paid in one piece."""
    return lock_rows(intent.parts.filter(state__in=LIVE_PARTS)) if intent.covered else []


def lock_trade(intent_pk: int, attempt_pk: int | None = None) -> LockedTrade:
    """Lock an intent with its parts, order and Saleor payment, and one attempt of it. Errors as :func:`lock_intent`."""
    intent = lock_intent(intent_pk)
    parts = lock_parts(intent)
    attempt = None
    if attempt_pk is not None:
        attempts = lock_rows(intent.attempts.filter(pk=attempt_pk))
        if not attempts:
            raise CashierError(CashierErrorCode.NOT_FOUND)
        attempt = attempts[0]
    order = lock_rows(Order.objects.filter(pk=intent.order_id))[0]
    payment = lock_rows(Payment.objects.filter(pk=intent.payment_id))[0]
    payment.order = order
    return LockedTrade(intent, order, payment, attempt, parts)
