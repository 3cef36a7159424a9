"""``orgUnitCreate``: a unit is set up."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.opening import create_unit
from ..answers import UnitAnswer
from ..gates import unit_for, values_of
from ..types import OrgUnitInput, OrgUnitLevel


class OrgUnitCreate(UnitAnswer):
    """Set up a unit below another one."""

    class Arguments:
        parent = graphene.String(required=True, description="上级机构代码")
        level = graphene.Argument(OrgUnitLevel, description="级别；默认为上级的下一级")
        input = graphene.Argument(OrgUnitInput, required=True, description="机构资料")
        reason = graphene.String(description="原因")

    class Meta:
        description = "新建下级机构（筹建）。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, parent: str, input: Any, level: int | None = None, reason: str = ""
    ) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            above = unit_for(user, parent, "parent")
            return {
                "org_unit": create_unit(above, values_of(user, input), by=user, level=level, reason=reason)
            }

        return cls.answer(deed)
