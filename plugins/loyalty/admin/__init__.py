"""Pages of loyalty."""

from . import adjustments, burns, entries, purses, rules

__all__ = ["adjustments", "burns", "entries", "purses", "rules"]
