"""Benefits in the API."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.kernel.masking import mask_name

from ..benefits import Standing
from ..choices import BenefitKind, Period
from ..models import BenefitUse
from ..services.redeeming import Look

MembershipBenefitKindEnum = enum_of("MembershipBenefitKind", BenefitKind)
MembershipPeriodEnum = enum_of("MembershipPeriod", Period)


class MembershipBenefitType(graphene.ObjectType):
    """What a membership is good for, and how often still."""

    code = graphene.String(required=True, description="代码")
    kind = graphene.Field(MembershipBenefitKindEnum, required=True, description="种类")
    name = graphene.String(required=True, description="名称")
    note = graphene.String(required=True, description="说明")
    percent = graphene.Int(description="会员折扣、积分倍率的百分比；其他种类为空")
    period = graphene.Field(MembershipPeriodEnum, required=True, description="周期")
    quota = graphene.Int(description="每期次数；空为不限")
    used = graphene.Int(required=True, description="本期已用")
    left = graphene.Int(description="本期还剩；空为不限")
    seller = graphene.String(description="服务商户；空为任一网点")

    class Meta:
        name = "MembershipBenefit"

    @staticmethod
    def resolve_code(row: Standing, _info: Any) -> str:
        return row.benefit.code

    @staticmethod
    def resolve_kind(row: Standing, _info: Any) -> str:
        return row.benefit.kind

    @staticmethod
    def resolve_name(row: Standing, _info: Any) -> str:
        return row.benefit.name

    @staticmethod
    def resolve_note(row: Standing, _info: Any) -> str:
        return row.benefit.note

    @staticmethod
    def resolve_percent(row: Standing, _info: Any) -> int | None:
        shown = row.benefit.kind in (BenefitKind.DISCOUNT, BenefitKind.POINTS)
        return row.benefit.percent if shown else None

    @staticmethod
    def resolve_period(row: Standing, _info: Any) -> str:
        return row.benefit.period

    @staticmethod
    def resolve_quota(row: Standing, _info: Any) -> int | None:
        return row.benefit.quota

    @staticmethod
    def resolve_seller(row: Standing, _info: Any) -> str | None:
        return row.benefit.seller.name if row.benefit.seller is not None else None


class MembershipLookType(graphene.ObjectType):
    """What a clerk sees before he redeems."""

    member_number = graphene.String(required=True, description="会员号")
    member_name = graphene.String(required=True, description="姓名（掩码）")
    plan_name = graphene.String(required=True, description="方案")
    plate = graphene.String(description="车牌（掩码）；自邮一族请核对车辆")
    benefit = graphene.Field(MembershipBenefitType, required=True, description="权益")

    class Meta:
        name = "MembershipLook"

    @staticmethod
    def resolve_member_number(row: Look, _info: Any) -> str:
        return row.membership.member.number

    @staticmethod
    def resolve_member_name(row: Look, _info: Any) -> str:
        user = row.membership.member.user
        return mask_name(f"{user.last_name}{user.first_name}")

    @staticmethod
    def resolve_plan_name(row: Look, _info: Any) -> str:
        return row.membership.plan.name

    @staticmethod
    def resolve_plate(row: Look, _info: Any) -> str | None:
        return row.membership.vehicle.masked if row.membership.vehicle is not None else None

    @staticmethod
    def resolve_benefit(row: Look, _info: Any) -> Standing:
        return row.standing


class MembershipUseType(graphene.ObjectType):
    """A use of a benefit."""

    id = graphene.ID(required=True)
    name = graphene.String(required=True, description="权益")
    place = graphene.String(required=True, description="机构")
    returned = graphene.Boolean(required=True, description="是否已撤销、退回")
    at = graphene.DateTime(required=True, description="时间")

    class Meta:
        name = "MembershipUse"

    @staticmethod
    def resolve_name(row: BenefitUse, _info: Any) -> str:
        return row.benefit.name

    @staticmethod
    def resolve_place(row: BenefitUse, _info: Any) -> str:
        return row.unit.name

    @staticmethod
    def resolve_returned(row: BenefitUse, _info: Any) -> bool:
        return row.returned_at is not None
