"""GraphQL of the tree, for staff."""

from .mutations import UnitMutations
from .queries import UnitQueries

__all__ = ["UnitMutations", "UnitQueries"]
