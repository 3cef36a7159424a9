"""The tables of counter sales."""

from .baskets import CounterBasket
from .customers import CounterCustomer
from .floats import AdjustmentState, FloatAccount, FloatAdjustment, FloatMovement, MovementKind
from .goods import GoodsName
from .pay_links import PayLink
from .pos import PosReceipt
from .receipts import CashReceipt, ReceiptKind, SaleRefund
from .refund_requests import OPEN_REQUESTS, RefundRequest, RefundRequestState
from .remittances import Remittance, RemittanceState
from .sales import CounterSale, Delivery, PaidBy, SaleState
from .shifts import RUNNING, CounterRules, Drawer, Shift, ShiftState

__all__ = [
    "OPEN_REQUESTS",
    "RUNNING",
    "AdjustmentState",
    "CashReceipt",
    "CounterBasket",
    "CounterCustomer",
    "CounterRules",
    "CounterSale",
    "Delivery",
    "Drawer",
    "FloatAccount",
    "FloatAdjustment",
    "FloatMovement",
    "GoodsName",
    "MovementKind",
    "PaidBy",
    "PayLink",
    "PosReceipt",
    "ReceiptKind",
    "RefundRequest",
    "RefundRequestState",
    "Remittance",
    "RemittanceState",
    "SaleRefund",
    "SaleState",
    "Shift",
    "ShiftState",
]
