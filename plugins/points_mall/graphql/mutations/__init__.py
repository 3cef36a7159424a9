"""Mutations of the mall: a file each."""

import graphene

from .points_coupon_swap import PointsCouponSwap


class MallMutations(graphene.ObjectType):
    """For members: a coupon for points."""

    points_coupon_swap = PointsCouponSwap.Field()
