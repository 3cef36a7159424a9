"""The API of member operations: the question after an order."""

from .mutations import MemberOperationsMutations
from .queries import MemberOperationsQueries

__all__ = ["MemberOperationsMutations", "MemberOperationsQueries"]
