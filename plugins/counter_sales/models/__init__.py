"""The tables of counter sales."""

from .baskets import CounterBasket
from .customers import CounterCustomer
from .floats import AdjustmentState, FloatAccount, FloatAdjustment, FloatMovement, MovementKind
from .goods import GoodsName
from .receipts import CashReceipt, ReceiptKind, SaleRefund
from .sales import CounterSale, Delivery, PaidBy, SaleState
from .slips import PosSlip

__all__ = [
    "AdjustmentState",
    "CashReceipt",
    "CounterBasket",
    "CounterCustomer",
    "CounterSale",
    "Delivery",
    "FloatAccount",
    "FloatAdjustment",
    "FloatMovement",
    "GoodsName",
    "MovementKind",
    "PaidBy",
    "PosSlip",
    "ReceiptKind",
    "SaleRefund",
    "SaleState",
]
