"""The API of coupons."""

from .mutations import CouponMutations
from .queries import CouponQueries

__all__ = ["CouponMutations", "CouponQueries"]
