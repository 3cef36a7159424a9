"""Pages of the ticketing kernel: orders, the issue desk, suppliers, fee rules, refunds."""

from .desk import DeskTaskAdmin
from .orders import TicketOrderAdmin
from .refunds import BatchAdmin, MoneyBackAdmin, RefundAdmin
from .rules import FeeRuleAdmin
from .suppliers import SupplierAdmin, SupplierCallAdmin

__all__ = [
    "BatchAdmin",
    "DeskTaskAdmin",
    "FeeRuleAdmin",
    "MoneyBackAdmin",
    "RefundAdmin",
    "SupplierAdmin",
    "SupplierCallAdmin",
    "TicketOrderAdmin",
]
