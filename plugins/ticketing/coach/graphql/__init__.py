"""The API of coach tickets."""

from .mutations import CoachMutations
from .queries import CoachQueries

__all__ = ["CoachMutations", "CoachQueries"]
