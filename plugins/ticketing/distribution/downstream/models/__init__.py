"""The rows of resale."""

from .accounts import Reseller, ResellerEntry, ResellerKey, TopUp
from .goods import ResellerOffer, ResellerPrice
from .notices import ResellerNotice
from .orders import ResellerOrder

__all__ = [
    "Reseller",
    "ResellerEntry",
    "ResellerKey",
    "ResellerNotice",
    "ResellerOffer",
    "ResellerOrder",
    "ResellerPrice",
    "TopUp",
]
