"""Pages of loyalty."""

from . import adjustments, balance, burns, consents, entries, prices, purses, rules

__all__ = ["adjustments", "balance", "burns", "consents", "entries", "prices", "purses", "rules"]
