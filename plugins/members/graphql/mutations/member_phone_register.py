"""``memberPhoneRegister``: a caller becomes a member."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.counter import by_telephone
from ..types import MemberForStaffType, errors_field, errors_of


class MemberPhoneRegister(graphene.Mutation):
    """The mobile is verified by the first login."""

    member = graphene.Field(MemberForStaffType, description="会员")
    created = graphene.Boolean(description="是否刚刚注册")
    errors = errors_field()

    class Arguments:
        mobile = graphene.String(required=True, description="来电的手机号")
        name = graphene.String(description="姓名")
        recording = graphene.String(
            required=True, description="录音编号或通话记录：顾客口头同意会员协议的凭据"
        )

    class Meta:
        description = "话务员：为来电顾客注册会员。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, mobile: str, recording: str, name: str = ""
    ) -> MemberPhoneRegister:
        """Errors come back in ``errors``."""
        try:
            found = by_telephone(info.context.user, mobile, name=name or "", recording=recording)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(member=found.member, created=found.created, errors=[])
