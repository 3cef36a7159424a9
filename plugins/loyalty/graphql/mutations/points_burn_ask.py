"""``pointsBurnAsk``: begin using a member's points at the counter."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...services.burning import ask_burn
from ..types import PointsBurnType, errors_field, errors_of


class PointsBurnAsk(graphene.Mutation):
    """The member gets a code."""

    burn = graphene.Field(PointsBurnType, description="兑扣单")
    sent = graphene.Boolean(description="验证码是否已发出；刚发过一条时为否，稍后用 pointsBurnCode 再发")
    again_after = graphene.Int(description="多少秒后可以再发验证码")
    errors = errors_field()

    class Arguments:
        search = graphene.String(required=True, description="完整的会员号、手机号、卡号、证件号或用户名")
        points = graphene.Int(required=True, description="要使用的积分")
        purpose = graphene.String(required=True, description="用途，如：兑换洗衣液一瓶")

    class Meta:
        description = "员工：在本机构为会员兑扣积分；验证码发到会员手机，由会员念出确认。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, search: str, points: int, purpose: str) -> PointsBurnAsk:
        """Errors come back in ``errors``."""
        try:
            asked = ask_burn(info.context.user, search, points, purpose, device_of(info.context, "", ""))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(burn=asked.burn, sent=asked.sent, again_after=asked.again_after, errors=[])
