"""Pages of the counter; importing registers them."""

from . import floats, pos_receipts, refund_requests, remittances, sales, shift_rules, shifts

__all__ = ["floats", "pos_receipts", "refund_requests", "remittances", "sales", "shift_rules", "shifts"]
