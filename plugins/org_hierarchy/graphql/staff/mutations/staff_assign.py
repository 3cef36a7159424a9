"""``staffAssign``: somebody takes up a post."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.posts import assign
from ..gates import post_for, said, staff_for, unit_for
from ..types import OrgRoleGrantType, OrgStaffPostType, StaffAnswer


class StaffAssign(StaffAnswer):
    """Put a person into a post; its role follows."""

    staff_post = graphene.Field(OrgStaffPostType, description="任职")
    role_grant = graphene.Field(OrgRoleGrantType, description="随岗位取得的角色；PENDING 须第二人复核")

    class Arguments:
        staff = graphene.String(required=True, description="工号")
        post = graphene.String(required=True, description="岗位代码")
        unit = graphene.String(required=True, description="机构代码")
        primary = graphene.Boolean(description="设为主岗")
        valid_from = graphene.Date(description="自，默认今天")
        valid_to = graphene.Date(description="至，最后一天；留空表示长期")
        reason = graphene.String(description="事由")

    class Meta:
        description = "任职。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, staff: str, post: str, unit: str, **values: Any) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            person, place = staff_for(user, staff), unit_for(user, unit)
            held = assign(user, person, post_for(user, post), place, **said(values))
            return {"staff_post": held, "role_grant": held.grants.select_related("role", "unit").first()}

        return cls.answer(deed)
