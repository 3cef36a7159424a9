"""Pages of memberships."""

from . import batches, benefits, cards, memberships, plans, settling

__all__ = ["batches", "benefits", "cards", "memberships", "plans", "settling"]
