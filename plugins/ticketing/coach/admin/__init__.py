"""Pages of coach tickets."""

from . import gate, invoices, mapping, papers, seats, shifts, stations

__all__ = ["gate", "invoices", "mapping", "papers", "seats", "shifts", "stations"]
