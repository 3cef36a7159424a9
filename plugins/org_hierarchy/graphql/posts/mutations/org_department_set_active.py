"""``orgDepartmentSetActive``: a department is retired or brought back."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.departments import switch_department
from ...staff.types import StaffAnswer
from ..gates import department_for
from ..types import OrgDepartmentType


class OrgDepartmentSetActive(StaffAnswer):
    """Retire a department in which nobody is, or bring it back."""

    department = graphene.Field(OrgDepartmentType, description="部门")

    class Arguments:
        unit = graphene.String(required=True, description="机构代码")
        code = graphene.String(required=True, description="部门代码")
        is_active = graphene.Boolean(required=True, description="启用或停用")

    class Meta:
        description = "停用或启用部门；还有人在岗时不能停用（HAS_BLOCKERS）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, unit: str, code: str, is_active: bool) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            return {"department": switch_department(user, department_for(user, unit, code), is_active)}

        return cls.answer(deed)
