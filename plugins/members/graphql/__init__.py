"""The API of members."""

from .mutations import MemberMutations
from .queries import MemberQueries

__all__ = ["MemberMutations", "MemberQueries"]
