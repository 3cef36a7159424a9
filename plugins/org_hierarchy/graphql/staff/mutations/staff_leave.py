"""``staffLeave``: somebody goes."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.staffing import leave
from ..gates import staff_for
from ..types import OrgStaffType, StaffAnswer


class StaffLeave(StaffAnswer):
    """End a person's posts, roles and login; refused while anything is still in hand."""

    staff = graphene.Field(OrgStaffType, description="人员")

    class Arguments:
        staff = graphene.String(required=True, description="工号")
        reason = graphene.String(required=True, description="事由")

    class Meta:
        description = "办理离职；还有未交接的事项时拒绝（HANDOVER_OPEN）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, staff: str, reason: str) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user
        return cls.answer(lambda: {"staff": leave(user, staff_for(user, staff), reason=reason)})
