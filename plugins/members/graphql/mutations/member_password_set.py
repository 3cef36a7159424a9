"""``memberPasswordSet``: set or change one's own password."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.passwords import set_password
from ..types import MemberDeviceInput, MemberType, device_in, errors_field, errors_of, own_member


class MemberPasswordSet(graphene.Mutation):
    """All other logins end."""

    member = graphene.Field(MemberType, description="会员")
    errors = errors_field()

    class Arguments:
        password = graphene.String(required=True, description="新密码")
        current = graphene.String(description="原密码；或用验证码")
        code = graphene.String(description="用途为 CONFIRM 的短信验证码；首次设置密码必填")
        device = MemberDeviceInput(description="本机")

    class Meta:
        description = "设置或修改密码，凭原密码或短信验证码；其他设备上的登录随之退出。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, password: str, current: str = "", code: str = "", device: Any = None
    ) -> MemberPasswordSet:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            at = device_in(info, device)
            set_password(member.user, member, password, current=current or "", code=code or "", device=at)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(member=member, errors=[])
