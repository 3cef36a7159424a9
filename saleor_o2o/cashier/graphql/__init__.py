"""GraphQL of the cashier."""

from .mutations import CashierMutations
from .queries import CashierQueries

__all__ = ["CashierMutations", "CashierQueries"]
