"""Queries of members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene

from saleor_o2o.kernel.scope import rows_for

from ..errors import MemberError
from ..models import Member, MemberSession
from ..selectors import members_by_text
from ..services.codes import state_of
from ..services.registering import current_agreement
from .types import (
    MemberCodeStateEnum,
    MemberForStaffType,
    MemberSessionType,
    MemberType,
    own_member,
    own_sessions,
)


class MemberQueries(graphene.ObjectType):
    """One's own membership, and what became of a code."""

    my_member = graphene.Field(MemberType, description="本人的会员资料；没有登录则为空")
    my_member_sessions = graphene.List(
        graphene.NonNull(MemberSessionType), required=True, description="本人登录着的设备；没有登录则为空"
    )
    members = graphene.List(
        graphene.NonNull(MemberForStaffType),
        required=True,
        search=graphene.Argument(
            graphene.String, required=True, description="完整的会员号、手机号、卡号、证件号、用户名或邮箱"
        ),
        description="员工：按任一身份查会员，只在管辖范围内（归属、登记或服务过）。",
    )
    member_code_status = graphene.Field(
        MemberCodeStateEnum,
        required=True,
        ticket=graphene.Argument(graphene.UUID, required=True, description="memberCodeSend 给的查询号"),
        description="验证码短信发到哪一步了。",
    )
    member_agreement = graphene.String(required=True, description="当前会员协议的版本")

    @staticmethod
    def resolve_my_member(_root: Any, info: Any) -> Member | None:
        try:
            return own_member(info)
        except MemberError:
            return None

    @staticmethod
    def resolve_my_member_sessions(_root: Any, info: Any) -> list[MemberSession]:
        try:
            return own_sessions(own_member(info))
        except MemberError:
            return []

    @staticmethod
    def resolve_members(_root: Any, info: Any, search: str) -> list[Member]:
        """Rows in reach only; whole values only."""
        found = [one.pk for one in members_by_text(search)]
        rows = rows_for(info.context.user, Member).filter(pk__in=found)
        return list(rows.select_related("user", "home_unit").order_by("pk"))

    @staticmethod
    def resolve_member_code_status(_root: Any, info: Any, ticket: UUID) -> str:
        return state_of(ticket)

    @staticmethod
    def resolve_member_agreement(_root: Any, info: Any) -> str:
        return current_agreement()
