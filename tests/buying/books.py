"""What the books say, in one comparable value, and the clock's hand moved to where everything is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from saleor.order.models import Order
from saleor.payment.models import Payment
from saleor.warehouse.models import Allocation

from saleor_o2o.cashier.models import Notification, PaymentAttempt, PaymentIntent, Refund
from saleor_o2o.cashier.services import closing, inbox, refunding, watching
from saleor_o2o.kernel.clock import now


@dataclass(frozen=True)
class Books:
    """An order's state in the words of every table that knows of it."""

    order: str
    intent: str
    charge: str
    captured: Decimal
    active: bool
    allocated: int
    attempts: tuple[str, ...]
    refunds: tuple[tuple[str, Decimal], ...]


def books(order: Order) -> Books:
    """Read them anew."""
    order = Order.objects.get(pk=order.pk)
    intent = PaymentIntent.objects.get(order=order)
    payment = Payment.objects.get(pk=intent.payment_id)
    taken = Allocation.objects.filter(order_line__order=order).aggregate(n=Sum("quantity_allocated"))["n"]
    refunds = Refund.objects.filter(attempt__intent=intent).order_by("pk")
    return Books(
        order=order.status,
        intent=intent.state,
        charge=payment.charge_status,
        captured=payment.captured_amount,
        active=payment.is_active,
        allocated=taken or 0,
        attempts=tuple(intent.attempts.order_by("pk").values_list("state", flat=True)),
        refunds=tuple(refunds.values_list("state", "amount")),
    )


def unpaid(quantity: int, *attempts: str) -> Books:
    """An order that waits for its money."""
    return Books("unfulfilled", "pending", "not-charged", Decimal("0.00"), True, quantity, attempts, ())


def paid(amount: str, quantity: int, *attempts: str, refunds: tuple[tuple[str, Decimal], ...] = ()) -> Books:
    """An order whose money is here."""
    return Books(
        "unfulfilled",
        "paid",
        "fully-charged",
        Decimal(amount),
        True,
        quantity,
        attempts or ("paid",),
        refunds,
    )


def freed(*attempts: str, refunds: tuple[tuple[str, Decimal], ...] = ()) -> Books:
    """An order that was closed: no stock, no money."""
    return Books("canceled", "closed", "not-charged", Decimal("0.00"), False, 0, attempts, refunds)


def deadline_passes(order: Order) -> None:
    """The order's time to pay is over."""
    PaymentIntent.objects.filter(order=order).update(expires_at=now() - timedelta(seconds=1))


def time_passes() -> None:
    """Everything that waits for a moment is due."""
    moment = now() - timedelta(seconds=1)
    PaymentIntent.objects.filter(next_check_at__isnull=False).update(next_check_at=moment)
    PaymentAttempt.objects.filter(next_query_at__isnull=False).update(next_query_at=moment)
    Refund.objects.filter(next_try_at__isnull=False).update(next_try_at=moment)
    Notification.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=moment)


def run_all_jobs() -> None:
    """What beat starts, once each."""
    inbox.process_due()
    watching.query_silent()
    closing.expire_due()
    refunding.drive_due_refunds()


def again(row: Any) -> Any:
    """A row as it is now: protected states are not refreshed in place."""
    return type(row)._default_manager.get(pk=row.pk)
