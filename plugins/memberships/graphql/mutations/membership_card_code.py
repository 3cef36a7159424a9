"""``membershipCardCode``: a code to the telephone of the member at the counter."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...services.cards import counter_code
from ..types import errors_field, errors_of


class MembershipCardCode(graphene.Mutation):
    """The member reads it out."""

    again_after = graphene.Int(description="多少秒后可以再发")
    errors = errors_field()

    class Arguments:
        search = graphene.String(required=True, description="完整的会员号、手机号或证件号")

    class Meta:
        description = "员工：在柜台办卡（激活、补办）之前，验证码发到会员手机，由会员念出。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, search: str) -> MembershipCardCode:
        """Errors come back in ``errors``."""
        try:
            seconds = counter_code(info.context.user, search, device_of(info.context, "", ""))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(again_after=seconds, errors=[])
