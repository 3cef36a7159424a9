"""``orgUnitMove``: a unit gets another parent, now or on a day."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.moving import move_unit
from ..answers import UnitAnswer
from ..gates import unit_for
from ..types import OrgPlannedMoveType


class OrgUnitMove(UnitAnswer):
    """变更隶属."""

    planned_move = graphene.Field(OrgPlannedMoveType, description="登记的隶属变更")

    class Arguments:
        code = graphene.String(required=True, description="机构代码")
        parent = graphene.String(required=True, description="新上级机构代码")
        effective_on = graphene.Date(description="生效日期；今天或留空则即时生效")
        reason = graphene.String(required=True, description="变更原因")

    class Meta:
        description = "变更隶属，连同全部下级。过去的统计不会变动。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, code: str, parent: str, reason: str, effective_on: Any = None
    ) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            unit, above = unit_for(user, code), unit_for(user, parent, "parent")
            planned = move_unit(unit, above, reason=reason, by=user, on=effective_on)
            return {"org_unit": unit_for(user, code), "planned_move": planned}

        return cls.answer(deed)
