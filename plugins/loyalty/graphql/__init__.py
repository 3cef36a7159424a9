"""The API of loyalty."""

from .mutations import LoyaltyMutations
from .prices import MemberPriceQueries
from .queries import LoyaltyQueries

__all__ = ["LoyaltyMutations", "LoyaltyQueries", "MemberPriceQueries"]
