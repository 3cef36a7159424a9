"""What other packages may use of WeChat Pay."""

from .events import BillStored, ShareFinished, ShareReturned
from .models import Bill, BillLine, MerchantAccount, Receiver
from .services.returning import give_back
from .services.sharing import Trade, Wanted, share, shared, trades_of, unfreeze, unsplit

__all__ = [
    "Bill",
    "BillLine",
    "BillStored",
    "MerchantAccount",
    "Receiver",
    "ShareFinished",
    "ShareReturned",
    "Trade",
    "Wanted",
    "give_back",
    "share",
    "shared",
    "trades_of",
    "unfreeze",
    "unsplit",
]
