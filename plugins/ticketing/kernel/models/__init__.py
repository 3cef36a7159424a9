"""The kernel's rows: fee rules and quotes; suppliers and what was asked of them; orders; what comes after."""

from .after import ChangeRequest, RefundItem, RefundRequest
from .desk import DeskTask, Insurance
from .fees import SCOPE, FeeQuote, FeeRule
from .orders import FeeLine, Ticket, TicketOrder, TicketPassenger
from .suppliers import StatementLine, SupplierAccount, SupplierCall, SupplierStatement

__all__ = [
    "SCOPE",
    "ChangeRequest",
    "DeskTask",
    "FeeLine",
    "FeeQuote",
    "FeeRule",
    "Insurance",
    "RefundItem",
    "RefundRequest",
    "StatementLine",
    "SupplierAccount",
    "SupplierCall",
    "SupplierStatement",
    "Ticket",
    "TicketOrder",
    "TicketPassenger",
]
