"""Pages of coach tickets."""

from . import gate, invoices, mapping, papers, receiving, seats, shifts, stations

__all__ = ["gate", "invoices", "mapping", "papers", "receiving", "seats", "shifts", "stations"]
