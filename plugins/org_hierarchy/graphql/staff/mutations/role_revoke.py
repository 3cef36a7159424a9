"""``roleRevoke``: a role is taken back."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.grants import revoke_grant
from ..gates import grant_for
from ..types import OrgRoleGrantType, StaffAnswer


class RoleRevoke(StaffAnswer):
    """Take a role back, at once."""

    role_grant = graphene.Field(OrgRoleGrantType, description="授权")

    class Arguments:
        id = graphene.ID(required=True, description="授权编号")
        reason = graphene.String(required=True, description="事由")

    class Meta:
        description = "收回授权，立即生效；随任职取得的角色请结束任职。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, reason: str) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user
        return cls.answer(lambda: {"role_grant": revoke_grant(user, grant_for(user, id), reason)})
