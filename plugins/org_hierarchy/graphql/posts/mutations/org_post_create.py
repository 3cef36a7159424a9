"""``orgPostCreate``: a kind of post is set up."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.post_kinds import create_post
from ...staff.gates import role_for, said
from ...staff.types import StaffAnswer
from ..gates import owner_for
from ..types import OrgPostType


class OrgPostCreate(StaffAnswer):
    """Set up a post of the role's level for a unit and what is below it."""

    post = graphene.Field(OrgPostType, description="岗位")

    class Arguments:
        owner = graphene.String(description="设立机构代码；公司统一的岗位留空")
        code = graphene.String(required=True, description="岗位代码：小写字母、数字和短横线")
        name = graphene.String(required=True, description="岗位名称")
        role = graphene.String(required=True, description="角色代码；岗位的级别即角色适用的级别")
        department = graphene.String(description="部门代码")

    class Meta:
        description = "新建岗位；角色不得超出自己的权限（ROLE_TOO_WIDE）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, role: str, owner: str | None = None, **values: Any) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            held, place = role_for(user, role), owner_for(user, owner)
            return {"post": create_post(user, place, role=held, **said(values))}

        return cls.answer(deed)
