"""The API of vouchers."""

from .mutations import VoucherMutations
from .queries import VoucherQueries

__all__ = ["VoucherMutations", "VoucherQueries"]
