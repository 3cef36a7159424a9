"""``memberConsentCode``: another code for a consent that waits."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...services.consenting import send_again
from ..types import errors_field, errors_of


class MemberConsentCode(graphene.Mutation):
    """The earlier ones are void."""

    again_after = graphene.Int(description="多少秒后可以再发")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="会员确认单 id")

    class Meta:
        description = "员工：为等待会员确认的一笔再发一条验证码，以前的作废。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str) -> MemberConsentCode:
        """Errors come back in ``errors``."""
        try:
            seconds = send_again(info.context.user, id, device_of(info.context, "", ""))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(again_after=seconds, errors=[])
