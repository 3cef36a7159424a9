"""Mutations of ordering that are not stock's: a file each."""

from .my_order_cancel import MyOrderCancel
from .my_order_receive import MyOrderReceive
from .my_order_reorder import MyOrderReorder
from .order_mark import OrderMark
from .order_price_change import OrderPriceChange

__all__ = ["MyOrderCancel", "MyOrderReceive", "MyOrderReorder", "OrderMark", "OrderPriceChange"]
