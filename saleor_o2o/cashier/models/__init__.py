"""Rows of the cashier: an intent per order, its parts and attempts, refunds, and the notification inbox."""

from .attempts import OPEN_STATES, AttemptState, PaymentAttempt
from .cards import CardMovement, CardMovementKind
from .intents import REPLACED, RISK_REFUSED, IntentState, PaymentIntent
from .notifications import Notification, NotificationState
from .order_refunds import OrderRefund, OrderRefundState, PartRefund, ShareState
from .orphans import Orphan, OrphanState
from .parts import LIVE_PARTS, PartState, PaymentPart
from .refunds import NOT_BOOKED, Refund, RefundReason, RefundState
from .rules import BlacklistEntry, BlacklistKind, Effect, MethodRule, RiskRule
from .sub_trades import SubTrade
from .transfers import OPEN_TRANSFERS, OfflineTransfer, TransferState

__all__ = [
    "LIVE_PARTS",
    "NOT_BOOKED",
    "OPEN_STATES",
    "OPEN_TRANSFERS",
    "REPLACED",
    "RISK_REFUSED",
    "AttemptState",
    "BlacklistEntry",
    "BlacklistKind",
    "CardMovement",
    "CardMovementKind",
    "Effect",
    "IntentState",
    "MethodRule",
    "Notification",
    "NotificationState",
    "OfflineTransfer",
    "OrderRefund",
    "OrderRefundState",
    "Orphan",
    "OrphanState",
    "PartRefund",
    "PartState",
    "PaymentAttempt",
    "PaymentIntent",
    "PaymentPart",
    "Refund",
    "RefundReason",
    "RefundState",
    "RiskRule",
    "ShareState",
    "SubTrade",
    "TransferState",
]
