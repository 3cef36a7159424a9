"""Types of the mall's API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal
from saleor.graphql.product.types import ProductVariant

from saleor_o2o.graphql.enums import enum_of

from ..choices import Period
from ..models import Exchange
from ..selectors import Shown, ShownSwap, listed

MallPeriodEnum = enum_of("PointsMallPeriod", Period)


class PointsMallOfferType(graphene.ObjectType):
    """Goods for points, as whoever asks sees them."""

    code = graphene.String(required=True, description="兑换编号：下单时作为优惠“exchange”的值")
    title = graphene.String(required=True, description="商品与规格")
    variant = graphene.Field(ProductVariant, required=True, description="商品规格")
    points = graphene.Int(required=True, description="每件积分")
    yuan = graphene.Field(Decimal, required=True, description="每件另付（元）")
    price = graphene.Field(Decimal, required=True, description="商品原价（元）")
    note = graphene.String(required=True, description="说明")
    left = graphene.Int(description="还可以兑几件；空为充足")
    per_member = graphene.Int(description="每人限兑几件；空为不限")
    period = graphene.Field(MallPeriodEnum, required=True, description="限兑周期")
    period_label = graphene.String(required=True, description="限兑周期的说法")
    level = graphene.String(description="要求的会员等级；空为所有会员")
    unit = graphene.String(description="仅限这个机构的会员；空为不限")
    closes_at = graphene.DateTime(description="结束时间")
    mine = graphene.Int(required=True, description="我在本周期已兑几件")
    short = graphene.Int(required=True, description="还差多少积分；未登录为 0")
    refusal = graphene.String(description="现在不能兑换的原因；空为可以")

    class Meta:
        name = "PointsMallOffer"

    @staticmethod
    def resolve_code(root: Shown, _info: Any) -> str:
        return root.offer.code

    @staticmethod
    def resolve_title(root: Shown, _info: Any) -> str:
        return root.offer.title

    @staticmethod
    def resolve_variant(root: Shown, _info: Any) -> Any:
        return root.offer.variant

    @staticmethod
    def resolve_points(root: Shown, _info: Any) -> int:
        return root.offer.points

    @staticmethod
    def resolve_yuan(root: Shown, _info: Any) -> Any:
        return root.offer.yuan

    @staticmethod
    def resolve_price(root: Shown, _info: Any) -> Any:
        return listed(root.offer)

    @staticmethod
    def resolve_note(root: Shown, _info: Any) -> str:
        return root.offer.note

    @staticmethod
    def resolve_per_member(root: Shown, _info: Any) -> int | None:
        return root.offer.per_member

    @staticmethod
    def resolve_period(root: Shown, _info: Any) -> str:
        return root.offer.period

    @staticmethod
    def resolve_period_label(root: Shown, _info: Any) -> str:
        return str(root.offer.get_period_display())

    @staticmethod
    def resolve_level(root: Shown, _info: Any) -> str | None:
        return root.offer.level.name if root.offer.level is not None else None

    @staticmethod
    def resolve_unit(root: Shown, _info: Any) -> str | None:
        return root.offer.owner.name if root.offer.own_members else None

    @staticmethod
    def resolve_closes_at(root: Shown, _info: Any) -> Any:
        return root.offer.closes_at

    @staticmethod
    def resolve_refusal(root: Shown, _info: Any) -> str | None:
        return root.refusal or None


class PointsExchangeType(graphene.ObjectType):
    """Goods that the member exchanged."""

    id = graphene.ID(required=True)
    title = graphene.String(required=True, description="商品与规格")
    quantity = graphene.Int(required=True, description="件数")
    points = graphene.Int(required=True, description="共用积分")
    yuan = graphene.Field(Decimal, required=True, description="共另付（元），不含运费")
    back = graphene.Int(required=True, description="退回件数，积分已退")
    order_number = graphene.String(required=True, description="订单号")
    order_state = graphene.String(required=True, description="订单状态的说法")
    at = graphene.DateTime(required=True, description="兑换时间")

    class Meta:
        name = "PointsExchange"

    @staticmethod
    def resolve_title(root: Exchange, _info: Any) -> str:
        line = root.order_line
        return f"{line.product_name} {line.variant_name}".strip()

    @staticmethod
    def resolve_points(root: Exchange, _info: Any) -> int:
        return root.points * root.quantity

    @staticmethod
    def resolve_yuan(root: Exchange, _info: Any) -> Any:
        return root.yuan * root.quantity

    @staticmethod
    def resolve_order_number(root: Exchange, _info: Any) -> str:
        profile = getattr(root.order, "o2o_profile", None)
        return profile.number if profile is not None else str(root.order_id)

    @staticmethod
    def resolve_order_state(root: Exchange, _info: Any) -> str:
        profile = getattr(root.order, "o2o_profile", None)
        return str(profile.get_state_display()) if profile is not None else ""


class PointsMallCouponType(graphene.ObjectType):
    """A coupon for points, as whoever asks sees it."""

    code = graphene.String(required=True, description="兑换编号：pointsCouponSwap 的 code")
    title = graphene.String(required=True, description="名称")
    terms = graphene.String(required=True, description="能优惠什么，如：满 ¥100.00 减 ¥10.00")
    note = graphene.String(required=True, description="使用说明")
    scope = graphene.String(required=True, description="适用范围的说法")
    kind = graphene.String(required=True, description="类型：AMOUNT、PERCENT、EXCHANGE、SHIPPING")
    points = graphene.Int(required=True, description="每张积分")
    valid_days = graphene.Int(description="兑换后几天有效")
    valid_until = graphene.DateTime(description="固定的有效期至")
    closes_at = graphene.DateTime(description="兑换截止")
    per_member = graphene.Int(required=True, description="每人最多几张")
    mine = graphene.Int(required=True, description="我已有过几张")
    short = graphene.Int(required=True, description="还差多少积分；未登录为 0")
    refusal = graphene.String(description="现在不能兑换的原因；空为可以")

    class Meta:
        name = "PointsMallCoupon"


def coupon_told(one: ShownSwap) -> PointsMallCouponType:
    """A coupon for points in the API's form."""
    template = one.offer.template
    return PointsMallCouponType(
        code=one.offer.code,
        title=template.name,
        terms=template.in_words,
        note=template.note,
        scope=str(template.get_scope_display()),
        kind=str(template.kind).upper(),
        points=one.offer.points,
        valid_days=template.valid_days,
        valid_until=template.valid_until,
        closes_at=one.offer.closes_at,
        per_member=template.per_member,
        mine=one.mine,
        short=one.short,
        refusal=one.refusal or None,
    )
