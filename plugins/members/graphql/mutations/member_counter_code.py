"""``memberCounterCode``: a code for the person at the counter."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.counter import ask_code
from ..types import device_in, errors_field, errors_of


class MemberCounterCode(graphene.Mutation):
    """The person reads it out."""

    ticket = graphene.UUID(description="查询号，见 memberCodeStatus")
    again_after = graphene.Int(description="多少秒后可以再发")
    errors = errors_field()

    class Arguments:
        mobile = graphene.String(required=True, description="顾客的手机号")

    class Meta:
        description = "员工：向柜台前的顾客发验证码。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, mobile: str) -> MemberCounterCode:
        """Errors come back in ``errors``."""
        try:
            asked = ask_code(info.context.user, mobile, device_in(info, None))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(ticket=asked.ticket, again_after=asked.again_after, errors=[])
