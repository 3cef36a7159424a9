"""Places, seat maps, products, calendars, sessions, quotas and what was taken of them."""

from .fairness import Draw, DrawEntry, LimitEntry, LimitRule, LimitUse, QueuePlace, SaleQueue, Waiting
from .inventory import Quota, Reserve, Returning, Taking
from .paper import Mailing, NameChange
from .places import Gate, Hall, ScenicSpot, Venue
from .products import AdmissionProduct, PriceDay, TicketClass
from .replies import ReplyRule
from .seats import Seat, SeatMap
from .sessions import Session, SessionSeat, Slot
from .settlements import SettlementItem, SettlementSheet, SettlementTerm
from .vouchers import (
    Device,
    EntryRule,
    Redemption,
    Scan,
    ScanConflict,
    SessionChange,
    SessionChoice,
    Voucher,
    VoucherKey,
    VoucherOldCode,
)

__all__ = [
    "AdmissionProduct",
    "Device",
    "Draw",
    "DrawEntry",
    "EntryRule",
    "Gate",
    "Hall",
    "LimitEntry",
    "LimitRule",
    "LimitUse",
    "Mailing",
    "NameChange",
    "PriceDay",
    "QueuePlace",
    "Quota",
    "Redemption",
    "ReplyRule",
    "Reserve",
    "Returning",
    "SaleQueue",
    "Scan",
    "ScanConflict",
    "ScenicSpot",
    "Seat",
    "SeatMap",
    "Session",
    "SessionChange",
    "SessionChoice",
    "SessionSeat",
    "SettlementItem",
    "SettlementSheet",
    "SettlementTerm",
    "Slot",
    "Taking",
    "TicketClass",
    "Venue",
    "Voucher",
    "VoucherKey",
    "VoucherOldCode",
    "Waiting",
]
