"""``roleGrant``: somebody is given a role."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.grants import grant_role
from ..gates import role_for, said, staff_for, unit_for
from ..types import OrgDataScope, OrgRoleGrantType, StaffAnswer


class RoleGrant(StaffAnswer):
    """Give a person a role at a unit; a sensitive one waits for a second person."""

    role_grant = graphene.Field(OrgRoleGrantType, description="授权")

    class Arguments:
        staff = graphene.String(required=True, description="工号")
        role = graphene.String(required=True, description="角色代码")
        unit = graphene.String(required=True, description="机构代码")
        scope = graphene.Argument(OrgDataScope, description="数据范围，默认同角色")
        units = graphene.List(
            graphene.NonNull(graphene.String), description="指定机构的代码，数据范围为 UNITS 时填写"
        )
        valid_from = graphene.Date(description="自，默认今天")
        valid_to = graphene.Date(description="至，最后一天；留空表示长期")
        reason = graphene.String(required=True, description="事由")

    class Meta:
        description = "授予角色；不得超出自己的权限（ROLE_TOO_WIDE）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, staff: str, role: str, unit: str, **values: Any) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            named = [unit_for(user, code, "units") for code in values.pop("units", None) or ()]
            scope = values.pop("scope", None) or ""
            person, place = staff_for(user, staff), unit_for(user, unit)
            given = role_for(user, role)
            made = grant_role(user, person, given, place, scope=scope, units=named, **said(values))
            return {"role_grant": made}

        return cls.answer(deed)
