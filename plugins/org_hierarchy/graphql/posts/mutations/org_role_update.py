"""``orgRoleUpdate``: a role changes."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.roles import change_role
from ...staff.gates import role_for, said
from ...staff.types import OrgDataScope, OrgRoleType, StaffAnswer
from ..gates import limits_of
from ..types import OrgMoneyLimitInput


class OrgRoleUpdate(StaffAnswer):
    """Change a role; its holders have it so from their next request on."""

    role = graphene.Field(OrgRoleType, description="角色")

    class Arguments:
        role = graphene.String(required=True, description="角色代码")
        name = graphene.String(description="角色名称")
        permissions = graphene.List(
            graphene.NonNull(graphene.String), description="包含的权限，见 orgPermissions"
        )
        scope = graphene.Argument(OrgDataScope, description="数据范围")
        limits = graphene.List(graphene.NonNull(OrgMoneyLimitInput), description="金额上限")
        incompatible = graphene.List(graphene.NonNull(graphene.String), description="不相容角色的代码")
        needs_second_factor = graphene.Boolean(description="登录须二次验证")

    class Meta:
        description = (
            "修改角色；没有填的不变。加入的内容不得超出自己的权限；有人持有时不能加入须双人复核的内容。"
        )

    @classmethod
    def mutate(cls, _root: Any, info: Any, role: str, limits: Any = None, **values: Any) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            changes = said(values)
            if limits is not None:
                changes["money_limits"] = limits_of(limits)
            return {"role": change_role(user, role_for(user, role), **changes)}

        return cls.answer(deed)
