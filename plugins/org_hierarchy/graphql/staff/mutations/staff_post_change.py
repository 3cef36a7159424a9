"""``staffPostChange``: somebody changes from one post to another."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.posts import change_post
from ..gates import post_for, post_held_for, unit_for
from ..types import OrgStaffPostType, StaffAnswer


class StaffPostChange(StaffAnswer):
    """End one post and take up another in one step."""

    staff_post = graphene.Field(OrgStaffPostType, description="任职")

    class Arguments:
        id = graphene.ID(required=True, description="原任职编号")
        post = graphene.String(required=True, description="新岗位代码")
        unit = graphene.String(required=True, description="机构代码")
        valid_from = graphene.Date(description="新任职自，默认今天")
        reason = graphene.String(required=True, description="事由")

    class Meta:
        description = "变更岗位：结束原任职，同时任新岗位。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, id: str, post: str, unit: str, reason: str, valid_from: Any = None
    ) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            held, place = post_held_for(user, id), unit_for(user, unit)
            wanted = post_for(user, post)
            return {
                "staff_post": change_post(user, held, wanted, place, valid_from=valid_from, reason=reason)
            }

        return cls.answer(deed)
