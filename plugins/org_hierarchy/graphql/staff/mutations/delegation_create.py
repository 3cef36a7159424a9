"""``delegationCreate``: one lends one's role for some days."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _

from ....errors import OrgError, OrgErrorCode
from ....services.delegation import delegate, lendable
from ..gates import staff_for
from ..types import OrgRoleGrantType, StaffAnswer


class DelegationCreate(StaffAnswer):
    """Lend a role that one holds in one's own right."""

    role_grant = graphene.Field(OrgRoleGrantType, description="委托")

    class Arguments:
        role = graphene.String(required=True, description="自己持有的角色代码")
        to = graphene.String(required=True, description="受托人工号")
        valid_from = graphene.Date(required=True, description="自")
        valid_to = graphene.Date(required=True, description="至，最后一天")
        reason = graphene.String(required=True, description="事由")

    class Meta:
        description = "临时委托：只能委托自己持有的角色，到期自动收回。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, role: str, to: str, **values: Any) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            held = [grant for grant in lendable(user) if grant.role.code == role]
            if not held:
                raise OrgError(
                    OrgErrorCode.NOT_FOUND, _("您没有这个角色，或它是他人委托给您的"), field="role"
                )
            return {"role_grant": delegate(user, held[0], staff_for(user, to, "to"), **values)}

        return cls.answer(deed)
