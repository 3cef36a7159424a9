"""Pages of the counter; importing registers them."""

from . import floats, remittances, sales, shifts

__all__ = ["floats", "remittances", "sales", "shifts"]
