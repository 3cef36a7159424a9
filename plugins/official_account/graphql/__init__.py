"""GraphQL of the official account."""

from .mutations import OfficialAccountMutations
from .queries import OfficialAccountQueries

__all__ = ["OfficialAccountMutations", "OfficialAccountQueries"]
