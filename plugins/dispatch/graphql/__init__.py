"""GraphQL of dispatch: for the staff."""

from .mutations import DispatchMutations
from .queries import DispatchQueries

__all__ = ["DispatchMutations", "DispatchQueries"]
