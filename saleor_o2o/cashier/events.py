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
class PaymentHeld(Event):
    """An order's money is complete and waits for people to look at it; nothing is captured."""

    name = "cashier.payment_held"

    intent_id: int
    order_id: int
    amount: Decimal


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
    """A refund was accepted by us and booked; sending it is under way.

    ``key`` is the key of the order's refund that it is a share of; empty for money that was never the order's.
    """

    name = "cashier.refund_requested"

    refund_id: int
    order_id: int
    amount: Decimal
    key: str = ""


@dataclass(frozen=True)
class RefundSucceeded(Event):
    """The refund has reached the payer."""

    name = "cashier.refund_succeeded"

    refund_id: int
    order_id: int
    amount: Decimal
    key: str = ""


@dataclass(frozen=True)
class RefundFailed(Event):
    """The provider closed the refund without paying; the booking was taken back and people must look."""

    name = "cashier.refund_failed"

    refund_id: int
    order_id: int
    amount: Decimal
    code: str
    key: str = ""


@dataclass(frozen=True)
class OrderRefundRequested(Event):
    """Money of an order is going back, over all its parts; booked, not yet all arrived."""

    name = "cashier.order_refund_requested"

    order_refund_id: int
    order_id: int
    amount: Decimal
    key: str


@dataclass(frozen=True)
class OrderRefunded(Event):
    """Every share of an order's refund has reached the payer."""

    name = "cashier.order_refunded"

    order_refund_id: int
    order_id: int
    amount: Decimal
    key: str
