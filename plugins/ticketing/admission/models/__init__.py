"""Places, seat maps, products, calendars, sessions, quotas and what was taken of them."""

from .inventory import Quota, Reserve, Returning, Taking
from .places import Gate, Hall, ScenicSpot, Venue
from .products import AdmissionProduct, PriceDay, TicketClass
from .seats import Seat, SeatMap
from .sessions import Session, SessionSeat, Slot

__all__ = [
    "AdmissionProduct",
    "Gate",
    "Hall",
    "PriceDay",
    "Quota",
    "Reserve",
    "Returning",
    "ScenicSpot",
    "Seat",
    "SeatMap",
    "Session",
    "SessionSeat",
    "Slot",
    "Taking",
    "TicketClass",
    "Venue",
]
