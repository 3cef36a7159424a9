"""GraphQL of login security."""

from .mutations import LoginMutations

__all__ = ["LoginMutations"]
