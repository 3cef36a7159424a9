"""Rows of ordering, around Saleor's Order: sellers, the profile, sub-orders, the timeline, and the rules as data."""

from .deduction import OrderDeduction
from .profile import OrderProfile
from .rules import ProductTypeLine, ShippingMethodMode, TimerRule
from .seller import Seller, SellerProduct
from .sub_order import SubOrder, SubOrderLine
from .timeline import OrderTimeline

__all__ = [
    "OrderDeduction",
    "OrderProfile",
    "OrderTimeline",
    "ProductTypeLine",
    "Seller",
    "SellerProduct",
    "ShippingMethodMode",
    "SubOrder",
    "SubOrderLine",
    "TimerRule",
]
