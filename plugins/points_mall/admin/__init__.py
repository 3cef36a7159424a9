"""Staff pages of the mall."""

from . import exchanges, offers

__all__ = ["exchanges", "offers"]
