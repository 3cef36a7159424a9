"""``staffTransfer``: somebody moves to another unit."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.staffing import transfer
from ..gates import staff_for, unit_for
from ..types import OrgStaffType, StaffAnswer


class StaffTransfer(StaffAnswer):
    """Move a person's home; posts and roles at the old one end today."""

    staff = graphene.Field(OrgStaffType, description="人员")

    class Arguments:
        staff = graphene.String(required=True, description="工号")
        unit = graphene.String(required=True, description="新的所属机构代码")
        reason = graphene.String(required=True, description="事由")

    class Meta:
        description = "调动；原机构的任职和授权当天结束。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, staff: str, unit: str, reason: str) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            person, place = staff_for(user, staff), unit_for(user, unit)
            return {"staff": transfer(user, person, place, reason=reason)}

        return cls.answer(deed)
