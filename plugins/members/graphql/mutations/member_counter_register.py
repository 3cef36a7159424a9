"""``memberCounterRegister``: the person at the counter becomes a member, or is shown to be one."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.counter import at_counter
from ..types import MemberForStaffType, device_in, errors_field, errors_of


class MemberCounterRegister(graphene.Mutation):
    """A new member belongs to the clerk's unit."""

    member = graphene.Field(MemberForStaffType, description="会员")
    created = graphene.Boolean(description="是否刚刚注册")
    errors = errors_field()

    class Arguments:
        mobile = graphene.String(required=True, description="顾客的手机号")
        code = graphene.String(required=True, description="顾客念出的验证码")
        name = graphene.String(description="姓名")
        agreed = graphene.Boolean(default_value=False, description="顾客已阅读并同意会员协议")

    class Meta:
        description = "员工：凭顾客念出的验证码注册会员；已是会员的，核验身份，此后本机构看得到该会员。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, mobile: str, code: str, name: str = "", agreed: bool = False
    ) -> MemberCounterRegister:
        """Errors come back in ``errors``."""
        try:
            found = at_counter(
                info.context.user,
                mobile,
                code,
                name=name or "",
                agreed=bool(agreed),
                device=device_in(info, None),
            )
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(member=found.member, created=found.created, errors=[])
