"""``pointsMall``, ``pointsMallOffer``, ``pointsMallCoupons``, ``myPointsExchanges``."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import member_of

from ..models import Exchange
from ..selectors import MOST, Shown, offers_open, shown, swaps_shown
from .types import PointsExchangeType, PointsMallCouponType, PointsMallOfferType, coupon_told

#: Exchanges of one answer.
PAGE = 20


class MallQueries(graphene.ObjectType):
    """Offers for everybody, with what stands in the member's way; the member's own exchanges."""

    points_mall = graphene.List(
        graphene.NonNull(PointsMallOfferType),
        required=True,
        description="积分商城：现在可以兑换的商品，兑不了的在后，积分少的在前，最多一百种。",
    )
    points_mall_offer = graphene.Field(
        PointsMallOfferType,
        code=graphene.Argument(graphene.String, required=True, description="兑换编号"),
        description="一种兑换商品；没有或已结束为空。",
    )
    points_mall_coupons = graphene.List(
        graphene.NonNull(PointsMallCouponType),
        required=True,
        description="积分商城：现在可以用积分兑换的优惠券，兑不了的在后，积分少的在前，最多一百种。",
    )
    my_points_exchanges = graphene.List(
        graphene.NonNull(PointsExchangeType),
        skip=graphene.Int(description="跳过前几条"),
        required=True,
        description="我的兑换记录，新的在前，一次二十条。未登录则为空。",
    )

    @staticmethod
    def resolve_points_mall(_root: Any, info: Any) -> list[Shown]:
        found = shown(info.context.user, list(offers_open()[:MOST]))
        return sorted(found, key=lambda one: bool(one.refusal))

    @staticmethod
    def resolve_points_mall_offer(_root: Any, info: Any, code: str) -> Shown | None:
        return next(
            iter(shown(info.context.user, list(offers_open().filter(code=code.strip().upper())))), None
        )

    @staticmethod
    def resolve_points_mall_coupons(_root: Any, info: Any) -> list[PointsMallCouponType]:
        return [coupon_told(one) for one in swaps_shown(info.context.user)]

    @staticmethod
    def resolve_my_points_exchanges(_root: Any, info: Any, skip: int | None = None) -> list[Exchange]:
        member = member_of(info.context.user)
        if member is None:
            return []
        begin = min(max(skip or 0, 0), 10_000)
        rows = Exchange.objects.filter(member=member).select_related("order__o2o_profile", "order_line")
        return list(rows.order_by("-pk")[begin : begin + PAGE])
