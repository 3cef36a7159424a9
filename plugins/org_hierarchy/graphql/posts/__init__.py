"""GraphQL of departments, posts and roles, for staff."""

from .mutations import PostMutations
from .queries import PostQueries

__all__ = ["PostMutations", "PostQueries"]
