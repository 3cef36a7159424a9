"""Types of coupons' API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from plugins.members.interfaces import Member, asking_member
from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import to_yuan

from ..choices import CouponState, Kind, Mode
from ..error_codes import CouponErrorCode as Code
from ..errors import CouponError
from ..models import Coupon
from ..selectors import Offer, Offers

CouponStateEnum = graphene.Enum("CouponState", [(item.name, item.value) for item in CouponState])
CouponKindEnum = graphene.Enum("CouponKind", [(item.name, item.value) for item in Kind])
CouponModeEnum = graphene.Enum("CouponMode", [(item.name, item.value) for item in Mode])


class CouponErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "CouponError"


def errors_of(error: DomainError) -> list[CouponErrorType]:
    """A kernel error in the API's form."""
    return [CouponErrorType(**error.as_dict())]


def errors_field() -> Any:
    """The `errors` of every answer."""
    return graphene.List(graphene.NonNull(CouponErrorType), required=True, description="错误；成功时为空")


def own_member(info: Any) -> Member:
    """The member who asks; made of a shopper that stock knows. Raises CouponError LOGIN_NEEDED, also for the staff."""
    member = asking_member(info.context.user)
    if member is None:
        raise CouponError(Code.LOGIN_NEEDED)
    return member


class CouponType(graphene.ObjectType):
    """A member's coupon."""

    number = graphene.String(required=True, description="券号")
    title = graphene.String(required=True, description="名称")
    terms = graphene.String(required=True, description="能优惠什么，如：满 ¥100.00 减 ¥10.00")
    note = graphene.String(required=True, description="使用说明")
    scope = graphene.String(required=True, description="适用范围的说法")
    kind = graphene.Field(CouponKindEnum, required=True, description="类型")
    state = graphene.Field(CouponStateEnum, required=True, description="状态")
    state_label = graphene.String(required=True, description="状态的说法")
    mode = graphene.Field(CouponModeEnum, required=True, description="怎样得到的")
    valid_from = graphene.DateTime(required=True, description="生效时间")
    valid_until = graphene.DateTime(required=True, description="失效时间")
    used_at = graphene.DateTime(description="使用时间")
    order_number = graphene.String(description="锁定或使用它的订单号")

    class Meta:
        name = "Coupon"

    @staticmethod
    def resolve_title(root: Coupon, _info: Any) -> str:
        return root.template.name

    @staticmethod
    def resolve_terms(root: Coupon, _info: Any) -> str:
        return root.template.in_words

    @staticmethod
    def resolve_note(root: Coupon, _info: Any) -> str:
        return root.template.note

    @staticmethod
    def resolve_scope(root: Coupon, _info: Any) -> str:
        return str(root.template.get_scope_display())

    @staticmethod
    def resolve_kind(root: Coupon, _info: Any) -> str:
        return root.template.kind

    @staticmethod
    def resolve_state(root: Coupon, _info: Any) -> str:
        return str(_state(root).value)

    @staticmethod
    def resolve_state_label(root: Coupon, _info: Any) -> str:
        return str(_state(root).label)

    @staticmethod
    def resolve_order_number(root: Coupon, _info: Any) -> str | None:
        profile = getattr(root.order, "o2o_profile", None) if root.order is not None else None
        return profile.number if profile is not None else None


def _state(coupon: Coupon) -> CouponState:
    """An unused coupon whose time is over is expired, also before the job has said so."""
    state = CouponState(coupon.state)
    return CouponState.EXPIRED if state == CouponState.UNUSED and coupon.valid_until <= now() else state


class CouponOfferType(graphene.ObjectType):
    """A coupon in a checkout."""

    coupon = graphene.Field(CouponType, required=True, description="优惠券")
    saves = graphene.Field(Decimal, required=True, description="单独使用能省多少（元）")
    chosen = graphene.Boolean(required=True, description="已选用")
    refusal = graphene.String(description="不能用的原因")

    class Meta:
        name = "CouponOffer"


class CheckoutCouponsType(graphene.ObjectType):
    """A member's coupons in a checkout or basket."""

    usable = graphene.List(
        graphene.NonNull(CouponOfferType), required=True, description="可用的，省得多的在前"
    )
    others = graphene.List(graphene.NonNull(CouponOfferType), required=True, description="不可用的，附原因")
    best = graphene.List(graphene.NonNull(graphene.String), required=True, description="最省的组合（券号）")
    best_saves = graphene.Field(Decimal, required=True, description="最省的组合能省多少（元）")

    class Meta:
        name = "CheckoutCoupons"


def offers_told(found: Offers, chosen: list[str]) -> CheckoutCouponsType:
    """Offers in the API's form."""

    def told(offer: Offer) -> CouponOfferType:
        return CouponOfferType(
            coupon=offer.coupon,
            saves=to_yuan(offer.saves),
            chosen=offer.coupon.number in chosen,
            refusal=offer.refusal.message if offer.refusal is not None else None,
        )

    return CheckoutCouponsType(
        usable=[told(one) for one in found.usable],
        others=[told(one) for one in found.others],
        best=found.best,
        best_saves=to_yuan(found.best_saves),
    )


class CouponToClaimType(graphene.ObjectType):
    """A coupon in the claim centre."""

    id = graphene.ID(required=True, description="用于领取")
    title = graphene.String(required=True, description="名称")
    terms = graphene.String(required=True, description="能优惠什么")
    note = graphene.String(required=True, description="使用说明")
    scope = graphene.String(required=True, description="适用范围的说法")
    kind = graphene.Field(CouponKindEnum, required=True, description="类型")
    valid_until = graphene.DateTime(description="失效时间；领取后计时的为空")
    valid_days = graphene.Int(description="领取后几天有效")
    ends_at = graphene.DateTime(description="领取截止")
    gone = graphene.Boolean(required=True, description="已领完")
    mine = graphene.Int(required=True, description="我已领几张")
    per_member = graphene.Int(required=True, description="每人限领几张")

    class Meta:
        name = "CouponToClaim"
