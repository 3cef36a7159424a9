"""``memberClosingAsk``: close one's account."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.closing import ask_to_close
from ..closing_types import ClosingView, MemberClosingType
from ..types import MemberDeviceInput, device_in, errors_field, errors_of, own_member


class MemberClosingAsk(graphene.Mutation):
    """Asked again, nothing changes."""

    closing = graphene.Field(MemberClosingType, description="注销申请")
    errors = errors_field()

    class Arguments:
        code = graphene.String(description="用途为 CONFIRM 的短信验证码")
        password = graphene.String(description="登录密码；没有绑定手机号时用")
        reason = graphene.String(description="注销原因，可不填")
        device = MemberDeviceInput(description="本机")

    class Meta:
        description = "申请注销。15 天内可以撤回，到期没有障碍则删除个人信息，不能恢复。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, code: str = "", password: str = "", reason: str = "", device: Any = None
    ) -> MemberClosingAsk:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            at = device_in(info, device)
            ask_to_close(member, code=code or "", password=password or "", why=reason or "", device=at)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(closing=ClosingView(member), errors=[])
