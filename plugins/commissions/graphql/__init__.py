"""GraphQL of commissions, for the staff."""

from .queries import CommissionQueries

__all__ = ["CommissionQueries"]
