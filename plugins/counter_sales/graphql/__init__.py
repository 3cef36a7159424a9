"""GraphQL of the counter, for staff apps and for owners of shops."""

from .mutations import CounterMutations
from .queries import CounterQueries

__all__ = ["CounterMutations", "CounterQueries"]
