"""``orgUnitClose``: a unit ends, alone or into a successor."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.closing import close_unit
from ..answers import UnitAnswer
from ..gates import unit_for


class OrgUnitClose(UnitAnswer):
    """撤并."""

    class Arguments:
        code = graphene.String(required=True, description="机构代码")
        successor = graphene.String(description="并入机构代码；留空则直接撤销")
        with_orders = graphene.Boolean(description="未完成的订单一并移交给并入机构")
        reason = graphene.String(required=True, description="撤并原因")

    class Meta:
        description = "撤并机构。还有未处理的事项则报 HAS_BLOCKERS，并列出事项。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, code: str, reason: str, successor: str = "", with_orders: bool = False
    ) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            unit = unit_for(user, code)
            heir = unit_for(user, successor, "successor") if successor else None
            return {
                "org_unit": close_unit(unit, reason=reason, by=user, successor=heir, with_orders=with_orders)
            }

        return cls.answer(deed)
