"""GraphQL of after-sale, for shoppers."""

from .mutations import AfterSaleMutations
from .queries import AfterSaleQueries

__all__ = ["AfterSaleMutations", "AfterSaleQueries"]
