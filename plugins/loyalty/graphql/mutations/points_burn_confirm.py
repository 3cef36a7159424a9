"""``pointsBurnConfirm``: the member has read the code out."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...services.burning import confirm_burn
from ..types import PointsBurnType, errors_field, errors_of


class PointsBurnConfirm(graphene.Mutation):
    """The points are used, once."""

    burn = graphene.Field(PointsBurnType, description="兑扣单")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="兑扣单 id")
        code = graphene.String(required=True, description="会员念出的验证码")

    class Meta:
        description = "员工：凭会员念出的验证码完成兑扣；重复提交还是同一笔。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, code: str) -> PointsBurnConfirm:
        """Errors come back in ``errors``."""
        try:
            burn = confirm_burn(info.context.user, id, code, device_of(info.context, "", ""))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(burn=burn, errors=[])
