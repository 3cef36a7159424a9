"""The API of loyalty."""

from .mutations import LoyaltyMutations
from .queries import LoyaltyQueries

__all__ = ["LoyaltyMutations", "LoyaltyQueries"]
