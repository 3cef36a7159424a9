"""``orgPostSetActive``: a kind of post is retired or brought back."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.post_kinds import switch_post
from ...staff.gates import post_for
from ...staff.types import StaffAnswer
from ..types import OrgPostType


class OrgPostSetActive(StaffAnswer):
    """Retire a post that nobody holds, or bring it back."""

    post = graphene.Field(OrgPostType, description="岗位")

    class Arguments:
        post = graphene.String(required=True, description="岗位代码")
        is_active = graphene.Boolean(required=True, description="启用或停用")

    class Meta:
        description = "停用或启用岗位；还有人在岗时不能停用（HAS_BLOCKERS）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, post: str, is_active: bool) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user
        return cls.answer(lambda: {"post": switch_post(user, post_for(user, post), is_active)})
