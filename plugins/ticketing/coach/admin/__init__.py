"""Pages of coach tickets."""

from . import counts, gate, invoices, mapping, papers, receiving, seats, shifts, stations

__all__ = ["counts", "gate", "invoices", "mapping", "papers", "receiving", "seats", "shifts", "stations"]
