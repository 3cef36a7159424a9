"""``memberCodeSend``: a code by text message."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...kinds import Purpose
from ...services.asking import ask_code
from ..types import MemberCodePurposeEnum, MemberDeviceInput, device_in, errors_field, errors_of, own_member


class MemberCodeSend(graphene.Mutation):
    """The same answer for every number, whether somebody has it or not."""

    ticket = graphene.UUID(description="查询号，见 memberCodeStatus")
    again_after = graphene.Int(description="多少秒后可以再要一次")
    errors = errors_field()

    class Arguments:
        mobile = graphene.String(description="手机号；用途为 CONFIRM 时发到本人首选手机号，不用填")
        purpose = graphene.Argument(
            MemberCodePurposeEnum, required=True, description="用途；验证码不能挪作他用"
        )
        device = MemberDeviceInput(description="本机")

    class Meta:
        description = "获取短信验证码。登录、注册、重设密码无需登录；绑定手机号、本人确认须先登录。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, purpose: str, mobile: str = "", device: Any = None
    ) -> MemberCodeSend:
        """Errors come back in ``errors``."""
        try:
            wanted = Purpose(purpose)
            member = own_member(info) if wanted in (Purpose.BIND_MOBILE, Purpose.CONFIRM) else None
            asked = ask_code(wanted, mobile or "", device_in(info, device), member)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(ticket=asked.ticket, again_after=asked.again_after, errors=[])
