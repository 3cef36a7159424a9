"""Places, seat maps, products, calendars, sessions, quotas and what was taken of them."""

from .fairness import Draw, DrawEntry, LimitEntry, LimitRule, LimitUse, QueuePlace, SaleQueue, Waiting
from .inventory import Quota, Reserve, Returning, Taking
from .places import Gate, Hall, ScenicSpot, Venue
from .products import AdmissionProduct, PriceDay, TicketClass
from .seats import Seat, SeatMap
from .sessions import Session, SessionSeat, Slot

__all__ = [
    "AdmissionProduct",
    "Draw",
    "DrawEntry",
    "Gate",
    "Hall",
    "LimitEntry",
    "LimitRule",
    "LimitUse",
    "PriceDay",
    "QueuePlace",
    "Quota",
    "Reserve",
    "Returning",
    "SaleQueue",
    "ScenicSpot",
    "Seat",
    "SeatMap",
    "Session",
    "SessionSeat",
    "Slot",
    "Taking",
    "TicketClass",
    "Venue",
    "Waiting",
]
