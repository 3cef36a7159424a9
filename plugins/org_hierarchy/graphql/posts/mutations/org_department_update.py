"""``orgDepartmentUpdate``: a department is called otherwise."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.departments import rename_department
from ...staff.types import StaffAnswer
from ..gates import department_for
from ..types import OrgDepartmentType


class OrgDepartmentUpdate(StaffAnswer):
    """Rename a department."""

    department = graphene.Field(OrgDepartmentType, description="部门")

    class Arguments:
        unit = graphene.String(required=True, description="机构代码")
        code = graphene.String(required=True, description="部门代码")
        name = graphene.String(required=True, description="部门名称")

    class Meta:
        description = "部门改名。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, unit: str, code: str, name: str) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            return {"department": rename_department(user, department_for(user, unit, code), name=name)}

        return cls.answer(deed)
