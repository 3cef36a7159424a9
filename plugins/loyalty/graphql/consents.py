"""Members at the till, and their consent, in the API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_name

from ..kinds import ConsentKind, ConsentState
from ..models import Consent
from ..till import AtTill, at_till
from .types import LoyaltyErrorType, errors_of

MemberConsentKindEnum = enum_of("MemberConsentKind", ConsentKind)
MemberConsentStateEnum = enum_of("MemberConsentState", ConsentState)


class CounterMemberType(graphene.ObjectType):
    """A member in front of the counter."""

    number = graphene.String(required=True, description="会员号")
    name = graphene.String(required=True, description="姓名（掩码）")
    level = graphene.String(required=True, description="等级；没有设置等级时为空")
    balance = graphene.Field(Decimal, description="储值余额（元）；不在管辖范围内的会员为空")
    is_frozen = graphene.Boolean(required=True, description="储值余额是否冻结")
    points = graphene.Int(description="可用积分；不在管辖范围内的会员为空")

    class Meta:
        name = "CounterMember"

    @staticmethod
    def resolve_number(root: AtTill, _info: Any) -> str:
        return root.member.number


class CounterMemberAnswer(graphene.ObjectType):
    """Who it is, or why nobody was found."""

    member = graphene.Field(CounterMemberType, description="会员")
    errors = graphene.List(graphene.NonNull(LoyaltyErrorType), required=True, description="错误；成功时为空")


class MemberConsentType(graphene.ObjectType):
    """What a member is asked to agree to by a code."""

    id = graphene.ID(required=True)
    number = graphene.String(required=True, description="确认单号；收储值余额、用积分抵扣时填它")
    kind = graphene.Field(MemberConsentKindEnum, required=True, description="用途")
    amount = graphene.Field(Decimal, required=True, description="金额（元）或积分")
    state = graphene.Field(MemberConsentStateEnum, required=True, description="状态")
    member_number = graphene.String(required=True, description="会员号")
    member_name = graphene.String(required=True, description="姓名（掩码）")

    class Meta:
        name = "MemberConsent"

    @staticmethod
    def resolve_member_number(root: Consent, _info: Any) -> str:
        return root.member.number

    @staticmethod
    def resolve_member_name(root: Consent, _info: Any) -> str:
        return mask_name(f"{root.member.user.last_name}{root.member.user.first_name}")


class CounterMemberQueries(graphene.ObjectType):
    """The member at the till."""

    counter_member = graphene.Field(
        CounterMemberAnswer,
        required=True,
        search=graphene.String(required=True, description="完整的会员号、手机号、卡号、证件号或用户名"),
        description="员工：柜台前的会员，姓名掩码；余额和积分只显示管辖范围内的会员的。",
    )

    @staticmethod
    def resolve_counter_member(_root: Any, info: Any, search: str) -> CounterMemberAnswer:
        try:
            return CounterMemberAnswer(member=at_till(info.context.user, search[:60]), errors=[])
        except DomainError as error:
            return CounterMemberAnswer(errors=errors_of(error))
