"""``memberPasswordReset``: a new password by a code."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.passwords import reset_password
from ..types import MemberDeviceInput, device_in, errors_field, errors_of


class MemberPasswordReset(graphene.Mutation):
    """All logins end; log in anew."""

    errors = errors_field()

    class Arguments:
        mobile = graphene.String(required=True, description="手机号")
        code = graphene.String(required=True, description="用途为 RESET_PASSWORD 的短信验证码")
        password = graphene.String(required=True, description="新密码")
        device = MemberDeviceInput(description="本机")

    class Meta:
        description = "忘记密码时凭短信验证码重设；所有登录随之退出，锁定随之解除。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, mobile: str, code: str, password: str, device: Any = None
    ) -> MemberPasswordReset:
        """Errors come back in ``errors``."""
        try:
            reset_password(mobile, code, password, device_in(info, device))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(errors=[])
