"""Pages of the counter; importing registers them."""

from . import floats, refund_requests, remittances, sales, shifts

__all__ = ["floats", "refund_requests", "remittances", "sales", "shifts"]
