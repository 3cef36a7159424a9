"""Mutations of coupons: a file each."""

import graphene

from .coupon_claim import CouponClaim
from .coupon_give import CouponGive
from .coupon_scan import CouponScan
from .coupon_void import CouponVoid


class CouponMutations(graphene.ObjectType):
    """For members: take one, scan an outlet's code. For the staff: give, void."""

    coupon_claim = CouponClaim.Field()
    coupon_scan = CouponScan.Field()
    coupon_give = CouponGive.Field()
    coupon_void = CouponVoid.Field()
