"""``orgUnitMoveCancel``: a planned re-parenting is called off."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.scope import get_row

from ....models import PlannedMove
from ....services.moving import cancel_move
from ..answers import UnitAnswer
from ..types import OrgPlannedMoveType


class OrgUnitMoveCancel(UnitAnswer):
    """取消隶属变更."""

    planned_move = graphene.Field(OrgPlannedMoveType, description="已取消的隶属变更")

    class Arguments:
        id = graphene.ID(required=True, description="隶属变更的编号")
        reason = graphene.String(description="取消原因")

    class Meta:
        description = "取消待生效的隶属变更。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, reason: str = "") -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            planned = get_row(user, PlannedMove.objects.select_related("unit"), pk=id)
            done = cancel_move(planned, by=user, reason=reason)
            return {"org_unit": done.unit, "planned_move": done}

        return cls.answer(deed)
