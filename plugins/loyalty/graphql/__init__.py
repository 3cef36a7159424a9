"""The API of loyalty."""

from .consents import CounterMemberQueries
from .mutations import LoyaltyMutations
from .prices import MemberPriceQueries
from .queries import LoyaltyQueries

__all__ = ["CounterMemberQueries", "LoyaltyMutations", "LoyaltyQueries", "MemberPriceQueries"]
