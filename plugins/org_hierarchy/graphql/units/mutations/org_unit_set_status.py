"""``orgUnitSetStatus``: a unit opens, stops for a while, goes on."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.opening import open_unit, resume_unit, suspend_unit
from ..answers import UnitAnswer
from ..gates import unit_for

_STEPS = {"open": open_unit, "suspend": suspend_unit, "resume": resume_unit}
OrgUnitStep = graphene.Enum("OrgUnitStep", [(name.upper(), name) for name in _STEPS])


class OrgUnitSetStatus(UnitAnswer):
    """启用、停用、恢复启用."""

    class Arguments:
        code = graphene.String(required=True, description="机构代码")
        step = graphene.Argument(OrgUnitStep, required=True, description="启用、停用或恢复启用")
        reason = graphene.String(description="原因；停用必填")

    class Meta:
        description = "启用、停用或恢复启用机构。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str, step: str, reason: str = "") -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user
        return cls.answer(lambda: {"org_unit": _STEPS[step](unit_for(user, code), by=user, reason=reason)})
