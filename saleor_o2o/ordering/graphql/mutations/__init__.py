"""Mutations of ordering that are not stock's: a file each."""

from .checkout_deductions_choose import CheckoutDeductionsChoose
from .my_order_cancel import MyOrderCancel
from .my_order_receive import MyOrderReceive
from .my_order_reorder import MyOrderReorder
from .order_mark import OrderMark
from .order_price_change import OrderPriceChange

__all__ = [
    "CheckoutDeductionsChoose",
    "MyOrderCancel",
    "MyOrderReceive",
    "MyOrderReorder",
    "OrderMark",
    "OrderPriceChange",
]
