"""``roleGrantDecide``: the second person agrees to a role, or not."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.grants import confirm_grant, refuse_grant
from ..gates import grant_for
from ..types import OrgRoleGrantType, StaffAnswer


class RoleGrantDecide(StaffAnswer):
    """Agree or not to what somebody else gave."""

    role_grant = graphene.Field(OrgRoleGrantType, description="授权")

    class Arguments:
        id = graphene.ID(required=True, description="授权编号")
        agree = graphene.Boolean(required=True, description="同意；否则为不同意")
        note = graphene.String(description="意见；不同意时必填")

    class Meta:
        description = "复核授权。授予人、本人、委托人不能复核（SAME_PERSON）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, agree: bool, note: str = "") -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            decide = confirm_grant if agree else refuse_grant
            return {"role_grant": decide(user, grant_for(user, id), note or "")}

        return cls.answer(deed)
