"""The API of memberships."""

from .mutations import MembershipMutations
from .queries import MembershipQueries

__all__ = ["MembershipMutations", "MembershipQueries"]
