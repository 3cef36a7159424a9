"""GraphQL of people and roles, for staff."""

from .mutations import StaffMutations
from .queries import StaffQueries

__all__ = ["StaffMutations", "StaffQueries"]
