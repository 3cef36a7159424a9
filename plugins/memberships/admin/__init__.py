"""Pages of memberships."""

from . import batches, benefits, cards, memberships, plans

__all__ = ["batches", "benefits", "cards", "memberships", "plans"]
