"""Rows of coupons: templates, ways of giving, coupons and what they cost."""

from .coupon import Coupon, CouponEntry
from .giving import CouponGiving
from .imports import CouponImport
from .template import CHANGEABLE, SCOPE_FIELDS, CouponTemplate

__all__ = [
    "CHANGEABLE",
    "SCOPE_FIELDS",
    "Coupon",
    "CouponEntry",
    "CouponGiving",
    "CouponImport",
    "CouponTemplate",
]
