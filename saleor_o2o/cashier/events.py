"""What the cashier tells the others, after the commit. Amounts in yuan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from saleor_o2o.kernel.events import Event


@dataclass(frozen=True)
class PaymentConfirmed(Event):
    """An order's money has arrived and is booked, once."""

    name = "cashier.payment_confirmed"

    intent_id: int
    order_id: int
    amount: Decimal
    gateway: str
    paid_at: datetime


@dataclass(frozen=True)
class PaymentClosed(Event):
    """An unpaid order was closed: at the provider first, then here; its stock is free."""

    name = "cashier.payment_closed"

    intent_id: int
    order_id: int
    reason: str


@dataclass(frozen=True)
class LateMoneyReceived(Event):
    """Money came for a closed or already paid order; it is being refunded by itself."""

    name = "cashier.late_money_received"

    intent_id: int
    order_id: int
    refund_id: int
    amount: Decimal


@dataclass(frozen=True)
class RefundRequested(Event):
    """A refund was accepted by us and booked; sending it is under way."""

    name = "cashier.refund_requested"

    refund_id: int
    order_id: int
    amount: Decimal


@dataclass(frozen=True)
class RefundSucceeded(Event):
    """The refund has reached the payer."""

    name = "cashier.refund_succeeded"

    refund_id: int
    order_id: int
    amount: Decimal


@dataclass(frozen=True)
class RefundFailed(Event):
    """The provider closed the refund without paying; the booking was taken back and people must look."""

    name = "cashier.refund_failed"

    refund_id: int
    order_id: int
    amount: Decimal
    code: str
