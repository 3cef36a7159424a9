"""Rows of coach tickets: places and how networks call them, lines and shifts, offers, limits, papers, the gate."""

from .gate import GateCheck, GateKey
from .invoices import CoachInvoice
from .lines import Line, LineStop, Shift, ShiftFare, SupplierLine
from .offers import CoachTrip, Refresh, ShiftDay, ShiftOffer
from .papers import PaperCount, PaperRange, PaperSheet
from .receiving import Reception
from .seats import SeatBlock
from .selling import FareProof, SaleLimit
from .stations import Season, Station, SupplierStation

__all__ = [
    "CoachInvoice",
    "CoachTrip",
    "FareProof",
    "GateCheck",
    "GateKey",
    "Line",
    "LineStop",
    "PaperCount",
    "PaperRange",
    "PaperSheet",
    "Reception",
    "Refresh",
    "SaleLimit",
    "Season",
    "SeatBlock",
    "Shift",
    "ShiftDay",
    "ShiftFare",
    "ShiftOffer",
    "Station",
    "SupplierLine",
    "SupplierStation",
]
