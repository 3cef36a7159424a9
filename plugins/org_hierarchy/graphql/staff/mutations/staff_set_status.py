"""``staffSetStatus``: a login is switched off or on, or somebody who left is back."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.staffing import come_back, disable, enable
from ..gates import staff_for
from ..types import OrgStaffType, StaffAnswer

#: What may be done with a login, and who does it.
STEPS = {"disable": disable, "enable": enable, "come_back": come_back}
OrgStaffStep = graphene.Enum(
    "OrgStaffStep", [("DISABLE", "disable"), ("ENABLE", "enable"), ("COME_BACK", "come_back")]
)


class StaffSetStatus(StaffAnswer):
    """Switch a login off or on; hire somebody again who left."""

    staff = graphene.Field(OrgStaffType, description="人员")

    class Arguments:
        staff = graphene.String(required=True, description="工号")
        step = graphene.Argument(OrgStaffStep, required=True, description="办理什么")
        reason = graphene.String(required=True, description="事由")

    class Meta:
        description = "停用、恢复或重新入职。离职用 staffLeave。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, staff: str, step: str, reason: str) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user
        return cls.answer(lambda: {"staff": STEPS[step](user, staff_for(user, staff), reason=reason)})
