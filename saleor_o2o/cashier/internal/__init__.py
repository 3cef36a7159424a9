"""The tenders that the cashier itself brings."""

from .cards import CARD
from .transfers import TRANSFER

__all__ = ["CARD", "TRANSFER"]
