"""Rows of the cashier: an intent per order, attempts and refunds under numbers of ours, and the notification inbox."""

from .attempts import OPEN_STATES, AttemptState, PaymentAttempt
from .intents import REPLACED, IntentState, PaymentIntent
from .notifications import Notification, NotificationState
from .refunds import Refund, RefundReason, RefundState

__all__ = [
    "OPEN_STATES",
    "REPLACED",
    "AttemptState",
    "IntentState",
    "Notification",
    "NotificationState",
    "PaymentAttempt",
    "PaymentIntent",
    "Refund",
    "RefundReason",
    "RefundState",
]
