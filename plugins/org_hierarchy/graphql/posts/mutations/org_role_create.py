"""``orgRoleCreate``: a role is made."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.roles import create_role
from ...staff.gates import said
from ...staff.types import OrgDataScope, OrgRoleType, StaffAnswer
from ...units.types import OrgUnitLevel
from ..gates import limits_of, owner_for
from ..types import OrgMoneyLimitInput


class OrgRoleCreate(StaffAnswer):
    """Make a role for the units at and below its owner."""

    role = graphene.Field(OrgRoleType, description="角色")

    class Arguments:
        owner = graphene.String(description="创建机构代码；公司统一的角色留空")
        code = graphene.String(required=True, description="角色代码：小写字母、数字和短横线")
        name = graphene.String(required=True, description="角色名称")
        level = graphene.Argument(OrgUnitLevel, required=True, description="适用级别")
        permissions = graphene.List(
            graphene.NonNull(graphene.String), required=True, description="包含的权限，见 orgPermissions"
        )
        scope = graphene.Argument(OrgDataScope, description="数据范围，默认 UNIT_AND_BELOW")
        limits = graphene.List(graphene.NonNull(OrgMoneyLimitInput), description="金额上限")
        incompatible = graphene.List(graphene.NonNull(graphene.String), description="不相容角色的代码")
        needs_second_factor = graphene.Boolean(description="登录须二次验证")

    class Meta:
        description = "新建角色；不得超出自己的权限、数据范围和金额上限（ROLE_TOO_WIDE）。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, owner: str | None = None, limits: Any = None, **values: Any
    ) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            place = owner_for(user, owner)
            return {"role": create_role(user, place, money_limits=limits_of(limits or ()), **said(values))}

        return cls.answer(deed)
