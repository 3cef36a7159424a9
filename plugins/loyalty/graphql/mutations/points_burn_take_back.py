"""``pointsBurnTakeBack``: a mistake at the counter."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.burning import take_burn_back
from ..types import PointsBurnType, errors_field, errors_of


class PointsBurnTakeBack(graphene.Mutation):
    """The points are the member's again."""

    burn = graphene.Field(PointsBurnType, description="兑扣单")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="兑扣单 id")
        reason = graphene.String(required=True, description="事由，不少于 4 字")

    class Meta:
        description = "员工：24 小时内撤销本机构的兑扣，积分退回原批次，清算同时冲回。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, reason: str) -> PointsBurnTakeBack:
        """Errors come back in ``errors``."""
        try:
            burn = take_burn_back(info.context.user, id, reason)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(burn=burn, errors=[])
