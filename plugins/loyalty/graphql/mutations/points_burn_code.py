"""``pointsBurnCode``: another code for points that wait to be used."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...services.burning import send_again
from ..types import errors_field, errors_of


class PointsBurnCode(graphene.Mutation):
    """The earlier ones are void."""

    again_after = graphene.Int(description="多少秒后可以再发")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="兑扣单 id")

    class Meta:
        description = "员工：为等待确认的兑扣再发一条验证码，以前的作废。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str) -> PointsBurnCode:
        """Errors come back in ``errors``."""
        try:
            seconds = send_again(info.context.user, id, device_of(info.context, "", ""))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(again_after=seconds, errors=[])
