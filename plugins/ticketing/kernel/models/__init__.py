"""The kernel's rows: fee rules and quotes; suppliers and what was asked of them; orders; what comes after."""

from .after import ChangeRequest, RefundItem, RefundRequest
from .agency import AgencyRate
from .deposits import DepositReading, SupplierDeposit
from .desk import DeskTask, Insurance
from .fees import SCOPE, FeeQuote, FeeRule
from .insurance import InsuranceProduct
from .money import ChangeItem, MoneyBack, RefundBatch
from .notices import SupplierNotice
from .orders import FeeLine, Segment, Ticket, TicketOrder, TicketPassenger
from .replies import RefundReply
from .suppliers import StatementLine, SupplierAccount, SupplierCall, SupplierStatement

__all__ = [
    "SCOPE",
    "AgencyRate",
    "ChangeItem",
    "ChangeRequest",
    "DepositReading",
    "DeskTask",
    "FeeLine",
    "FeeQuote",
    "FeeRule",
    "Insurance",
    "InsuranceProduct",
    "MoneyBack",
    "RefundBatch",
    "RefundItem",
    "RefundReply",
    "RefundRequest",
    "Segment",
    "StatementLine",
    "SupplierAccount",
    "SupplierCall",
    "SupplierDeposit",
    "SupplierNotice",
    "SupplierStatement",
    "Ticket",
    "TicketOrder",
    "TicketPassenger",
]
