"""GraphQL of the counter, for staff apps."""

from .mutations import CounterMutations

__all__ = ["CounterMutations"]
