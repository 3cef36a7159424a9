"""``orgUnitUpdate``: what is said about a unit changes."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.editing import edit_unit
from ..answers import UnitAnswer
from ..gates import unit_for, values_of
from ..types import OrgUnitInput


class OrgUnitUpdate(UnitAnswer):
    """Change a unit."""

    class Arguments:
        code = graphene.String(required=True, description="机构代码")
        revision = graphene.Int(required=True, description="所见的版本")
        input = graphene.Argument(OrgUnitInput, required=True, description="要改的资料")
        reason = graphene.String(description="原因")

    class Meta:
        description = "修改机构资料。别人先改了则报 CHANGED_MEANWHILE。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str, revision: int, input: Any, reason: str = "") -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            unit = unit_for(user, code)
            changed = edit_unit(unit, values_of(user, input), revision=revision, by=user, reason=reason)
            return {"org_unit": changed}

        return cls.answer(deed)
