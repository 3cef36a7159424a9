"""Pages of loyalty."""

from . import adjustments, balance, burns, entries, prices, purses, rules

__all__ = ["adjustments", "balance", "burns", "entries", "prices", "purses", "rules"]
