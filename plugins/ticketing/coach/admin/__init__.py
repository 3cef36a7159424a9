"""Pages of coach tickets."""

from . import counts, gate, gate_keys, invoices, mapping, papers, receiving, seats, shifts, stations

__all__ = [
    "counts",
    "gate",
    "gate_keys",
    "invoices",
    "mapping",
    "papers",
    "receiving",
    "seats",
    "shifts",
    "stations",
]
