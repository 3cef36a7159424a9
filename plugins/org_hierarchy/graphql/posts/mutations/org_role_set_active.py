"""``orgRoleSetActive``: a role is turned off or on."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.roles import switch_role
from ...staff.gates import role_for
from ...staff.types import OrgRoleType, StaffAnswer


class OrgRoleSetActive(StaffAnswer):
    """Turn a role off: nobody has it from the next request on. Or on again."""

    role = graphene.Field(OrgRoleType, description="角色")

    class Arguments:
        role = graphene.String(required=True, description="角色代码")
        is_active = graphene.Boolean(required=True, description="启用或停用")

    class Meta:
        description = "停用或启用角色；停用后持有人立即失去其权限。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, role: str, is_active: bool) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user
        return cls.answer(lambda: {"role": switch_role(user, role_for(user, role), is_active)})
