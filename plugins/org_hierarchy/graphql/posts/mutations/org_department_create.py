"""``orgDepartmentCreate``: a unit sets up a department."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.departments import create_department
from ...staff.gates import unit_for
from ...staff.types import StaffAnswer
from ..types import OrgDepartmentType


class OrgDepartmentCreate(StaffAnswer):
    """Set up a department of a unit."""

    department = graphene.Field(OrgDepartmentType, description="部门")

    class Arguments:
        unit = graphene.String(required=True, description="机构代码")
        code = graphene.String(required=True, description="部门代码：小写字母、数字和短横线")
        name = graphene.String(required=True, description="部门名称")

    class Meta:
        description = "新建部门，须有修改该机构的权限。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, unit: str, code: str, name: str) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            return {"department": create_department(user, unit_for(user, unit), code=code, name=name)}

        return cls.answer(deed)
