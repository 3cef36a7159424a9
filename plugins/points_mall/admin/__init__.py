"""Staff pages of the mall."""

from . import exchanges, offers, swaps

__all__ = ["exchanges", "offers", "swaps"]
