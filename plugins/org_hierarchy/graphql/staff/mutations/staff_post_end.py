"""``staffPostEnd``: somebody leaves a post."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.posts import end_post
from ..gates import post_held_for
from ..types import OrgStaffPostType, StaffAnswer


class StaffPostEnd(StaffAnswer):
    """End a post; its role goes with it."""

    staff_post = graphene.Field(OrgStaffPostType, description="任职")

    class Arguments:
        id = graphene.ID(required=True, description="任职编号")
        last_day = graphene.Date(description="最后一天；留空立即结束")
        reason = graphene.String(required=True, description="事由")

    class Meta:
        description = "结束任职。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, reason: str, last_day: Any = None) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            return {"staff_post": end_post(user, post_held_for(user, id), last_day=last_day, reason=reason)}

        return cls.answer(deed)
