"""Types of memberships' API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from plugins.members.interfaces import Member, ensure_member
from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import PacedRefusal
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError

from ..benefits import Standing, standings
from ..choices import MembershipState, Origin, PlanKind
from ..errors import MembershipError, MembershipErrorCode
from ..models import Membership, Plan, Quote, Term
from ..rules import days_between, last_day
from ..services.refunding import refusal_of
from .benefit_types import MembershipBenefitType
from .card_types import MembershipCardType

MembershipPlanKindEnum = enum_of("MembershipPlanKind", PlanKind)
MembershipStateEnum = enum_of("MembershipState", MembershipState)
MembershipOriginEnum = enum_of("MembershipOrigin", Origin)


class MembershipErrorType(PacedRefusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "MembershipError"


class MembershipPlanType(graphene.ObjectType):
    """A membership on offer."""

    code = graphene.String(required=True, description="代码")
    name = graphene.String(required=True, description="名称")
    kind = graphene.Field(MembershipPlanKindEnum, required=True, description="种类")
    rank = graphene.Int(required=True, description="档次；同一种类里高的可由低的升级")
    months = graphene.Int(required=True, description="期限（月）")
    price = graphene.Field(Decimal, required=True, description="价格（元）")
    agreement = graphene.String(required=True, description="会员服务协议版本；购买前须同意")
    note = graphene.String(required=True, description="说明")
    variant_id = graphene.ID(description="商品规格 ID（ProductVariant），用它下单；不出售的为空")

    class Meta:
        name = "MembershipPlan"

    @staticmethod
    def resolve_variant_id(plan: Plan, _info: Any) -> str | None:
        return str(graphene.Node.to_global_id("ProductVariant", plan.variant_id)) if plan.variant_id else None


class MembershipTermType(graphene.ObjectType):
    """A stretch of a membership."""

    id = graphene.ID(required=True)
    plan = graphene.Field(MembershipPlanType, required=True, description="方案")
    origin = graphene.Field(MembershipOriginEnum, required=True, description="来源")
    title = graphene.String(required=True, description="来源名称")
    starts_at = graphene.DateTime(required=True, description="开始")
    last_day = graphene.Date(required=True, description="有效期至（含当日）")
    paid = graphene.Field(Decimal, required=True, description="实付（元）")
    is_void = graphene.Boolean(required=True, description="是否已退款、退出")
    refundable = graphene.Boolean(required=True, description="本人现在能否全额退款")
    refund_refusal = graphene.String(description="不能退款的原因")

    class Meta:
        name = "MembershipTerm"

    @staticmethod
    def resolve_title(term: Term, _info: Any) -> str:
        return str(term.get_origin_display())

    @staticmethod
    def resolve_last_day(term: Term, _info: Any) -> Any:
        return last_day(term.ends_at)

    @staticmethod
    def resolve_is_void(term: Term, _info: Any) -> bool:
        return term.voided_at is not None

    @staticmethod
    def resolve_refundable(term: Term, _info: Any) -> bool:
        return term.giver_id is None and refusal_of(term) is None

    @staticmethod
    def resolve_refund_refusal(term: Term, _info: Any) -> str | None:
        refusal = refusal_of(term)
        return str(refusal.message) if refusal is not None else None


class MembershipType(graphene.ObjectType):
    """A member's membership of a kind."""

    number = graphene.String(required=True, description="会员资格号")
    plan = graphene.Field(MembershipPlanType, required=True, description="当前方案")
    state = graphene.Field(MembershipStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态名称")
    starts_at = graphene.DateTime(required=True, description="开始")
    last_day = graphene.Date(required=True, description="有效期至（含当日）")
    days_left = graphene.Int(required=True, description="还剩天数（含今天）；已结束为 0")
    plate = graphene.String(description="绑定的车牌（掩码）；自邮一族没有绑定车辆时为空")
    needs_vehicle = graphene.Boolean(required=True, description="是否还要绑定车辆才能使用权益")
    benefits = graphene.List(
        graphene.NonNull(MembershipBenefitType), required=True, description="现在能用的权益和本期剩余次数"
    )
    cards = graphene.List(
        graphene.NonNull(MembershipCardType),
        required=True,
        description="代表这份资格的会员卡，含已注销的，新的在前",
    )
    terms = graphene.List(
        graphene.NonNull(MembershipTermType), required=True, description="各期，先开始的在前"
    )

    class Meta:
        name = "Membership"

    @staticmethod
    def resolve_title(row: Membership, _info: Any) -> str:
        return str(row.get_state_display())

    @staticmethod
    def resolve_last_day(row: Membership, _info: Any) -> Any:
        return last_day(row.ends_at)

    @staticmethod
    def resolve_days_left(row: Membership, _info: Any) -> int:
        runs = row.state == MembershipState.ACTIVE and row.ends_at > now()
        return days_between(now(), row.ends_at) if runs else 0

    @staticmethod
    def resolve_plate(row: Membership, _info: Any) -> str | None:
        return row.vehicle.masked if row.vehicle is not None else None

    @staticmethod
    def resolve_needs_vehicle(row: Membership, _info: Any) -> bool:
        return row.kind == PlanKind.CAR and row.vehicle_id is None

    @staticmethod
    def resolve_benefits(row: Membership, _info: Any) -> list[Standing]:
        return standings(row)

    @staticmethod
    def resolve_cards(row: Membership, _info: Any) -> list[Any]:
        return sorted(row.cards.all(), key=lambda one: -one.pk)

    @staticmethod
    def resolve_terms(row: Membership, _info: Any) -> list[Term]:
        return sorted(row.terms.all(), key=lambda one: (one.starts_at, one.pk))


class MembershipQuoteType(graphene.ObjectType):
    """What an upgrade costs for some minutes."""

    number = graphene.String(
        required=True, description="报价号：下单时作为优惠 membership_upgrade 的值（deductions）"
    )
    plan = graphene.Field(MembershipPlanType, required=True, description="升级为")
    amount = graphene.Field(Decimal, required=True, description="差价（元），实付金额")
    quantity = graphene.Int(required=True, description="下单时方案商品的数量")
    days = graphene.Int(required=True, description="剩余天数")
    words = graphene.String(required=True, description="算法说明")
    expires_at = graphene.DateTime(required=True, description="报价有效至")

    class Meta:
        name = "MembershipQuote"

    @staticmethod
    def resolve_plan(row: Quote, _info: Any) -> Plan:
        return row.plan


def errors_field() -> Any:
    """The list every mutation answers with."""
    return graphene.List(graphene.NonNull(MembershipErrorType), required=True, description="错误；成功时为空")


def errors_of(error: DomainError) -> list[MembershipErrorType]:
    """A refusal in the API's form."""
    return [
        MembershipErrorType(
            field=error.field, message=error.message, hint=error.hint, code=str(error.code.value),
            retry_after=getattr(error, "seconds", None),
        )
    ]  # fmt: skip


def own_member(info: Any) -> Member:
    """The member who asks; a shopper of stock's becomes one. Raises SIGN_IN_REQUIRED for nobody and for the staff."""
    user = info.context.user
    if not user.is_authenticated or user.is_staff:
        raise MembershipError(
            MembershipErrorCode.SIGN_IN_REQUIRED, "请先登录会员账号", hint="员工账号没有付费会员"
        )
    return ensure_member(user)


def key_of(text: str | None, field: str) -> int:
    """A row's key as the API has it. Raises NOT_FOUND for what cannot be one."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 15:
        raise MembershipError(MembershipErrorCode.NOT_FOUND, "没有这条记录", field)
    return int(text)
