"""``couponCentre``, ``myCoupons``, ``checkoutCoupons``, ``basketCoupons``; for the staff ``coupons``."""

from __future__ import annotations

from typing import Any

import graphene
from django.db.models import Count
from saleor.checkout.models import Checkout

from plugins.members.interfaces import member_of
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for
from saleor_o2o.ordering.graphql.baskets import BasketInput, basket_of
from saleor_o2o.ordering.interfaces import checkout_with_lines, choices_of, goods_of, reckon_basket

from ..choices import CouponState, Mode
from ..models import Coupon
from ..selectors import offers_for, own, tab
from ..services.giving import running
from ..services.using import SOURCE
from .types import CheckoutCouponsType, CouponStateEnum, CouponToClaimType, CouponType, offers_told

#: Coupons of one list.
MOST = 100


class CouponQueries(graphene.ObjectType):
    """For shoppers their own coupons, those they may take, and how they would do; for the staff those in reach."""

    coupon_centre = graphene.List(
        graphene.NonNull(CouponToClaimType), required=True, description="领券中心：现在可以领取的优惠券。"
    )
    my_coupons = graphene.List(
        graphene.NonNull(CouponType),
        state=CouponStateEnum(description="状态，默认未使用"),
        required=True,
        description="我的优惠券，快过期的在前，最多一百张。未登录则为空。",
    )
    checkout_coupons = graphene.Field(
        CheckoutCouponsType,
        token=graphene.Argument(graphene.UUID, required=True, description="购物车令牌"),
        description="我的优惠券在这个购物车里怎么用、怎样最省；不是自己的购物车则为空。",
    )
    basket_coupons = graphene.Field(
        CheckoutCouponsType,
        input=graphene.Argument(BasketInput, required=True, description="购物车"),
        description="我的优惠券在这些商品上怎么用、怎样最省；未登录或购物车无效则为空。",
    )
    coupons = graphene.List(
        graphene.NonNull(CouponType),
        member=graphene.Argument(graphene.String, required=True, description="会员号"),
        description="员工查会员的优惠券，按数据范围；看不到则为空。",
    )

    @staticmethod
    def resolve_coupon_centre(_root: Any, info: Any) -> list[CouponToClaimType]:
        """Two statements, whatever is running."""
        givings = running(Mode.CLAIM)
        member = member_of(info.context.user)
        rows = Coupon.objects.filter(member=member, template__in=[one.template_id for one in givings])
        mine: dict[int, int] = {}
        if member is not None:
            mine = dict(rows.order_by().values_list("template").annotate(Count("pk")))
        return [
            CouponToClaimType(
                id=str(one.pk),
                title=one.template.name,
                terms=one.template.in_words,
                note=one.template.note,
                scope=str(one.template.get_scope_display()),
                kind=one.template.kind,
                valid_until=one.template.valid_until,
                valid_days=one.template.valid_days,
                ends_at=one.ends_at,
                gone=one.template.quantity is not None and one.template.given >= one.template.quantity,
                mine=mine.get(one.template_id, 0),
                per_member=one.template.per_member,
            )
            for one in givings
        ]

    @staticmethod
    def resolve_my_coupons(_root: Any, info: Any, state: str = CouponState.UNUSED) -> list[Coupon]:
        rows = tab(own(info.context.user), state or CouponState.UNUSED)
        return list(rows.select_related("template", "order__o2o_profile")[:MOST])

    @staticmethod
    def resolve_checkout_coupons(_root: Any, info: Any, token: Any) -> CheckoutCouponsType | None:
        user = info.context.user
        if not user.is_authenticated or not Checkout.objects.filter(pk=token, user=user).exists():
            return None
        checkout = checkout_with_lines(token)
        if checkout is None:
            return None
        goods = goods_of(checkout, list(checkout), info.context.discounts)
        return offers_told(offers_for(goods), choices_of(checkout).get(SOURCE, []))

    @staticmethod
    def resolve_basket_coupons(_root: Any, info: Any, input: Any) -> CheckoutCouponsType | None:
        if not info.context.user.is_authenticated:
            return None
        try:
            found = reckon_basket(basket_of(input, info), info.context.user, info.context.discounts)
        except DomainError:
            return None
        goods = goods_of(found.checkout, found.lines, info.context.discounts)
        return offers_told(offers_for(goods), choices_of(found.checkout).get(SOURCE, []))

    @staticmethod
    def resolve_coupons(_root: Any, info: Any, member: str) -> list[Coupon] | None:
        """Whoever may not see the member's coupons sees none."""
        user = info.context.user
        if not user.is_authenticated:
            return None
        rows = rows_for(user, Coupon).filter(member__number=member.strip().upper())
        return list(rows.select_related("template", "order__o2o_profile").order_by("-pk")[:MOST])
