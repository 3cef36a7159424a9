"""``orgPostUpdate``: a kind of post changes."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.post_kinds import change_post_kind
from ...staff.gates import post_for, role_for, said
from ...staff.types import StaffAnswer
from ..types import OrgPostType


class OrgPostUpdate(StaffAnswer):
    """Change a post; another role only while nobody holds it."""

    post = graphene.Field(OrgPostType, description="岗位")

    class Arguments:
        post = graphene.String(required=True, description="岗位代码")
        name = graphene.String(description="岗位名称")
        role = graphene.String(description="角色代码；有人在岗时不能更换（HAS_BLOCKERS）")
        department = graphene.String(description="部门代码；空串表示没有")

    class Meta:
        description = "修改岗位；没有填的不变。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, post: str, role: str | None = None, **values: Any) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            changes = said(values)
            if role is not None:
                changes["role"] = role_for(user, role)
            return {"post": change_post_kind(user, post_for(user, post), **changes)}

        return cls.answer(deed)
