"""Pages of resellers."""

from . import accounts, notices, orders, prices, top_ups

__all__ = ["accounts", "notices", "orders", "prices", "top_ups"]
