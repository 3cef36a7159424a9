"""``staffActivationSend``: the mail with the link to a first password, once more."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.activation import send_again
from ..gates import staff_for
from ..types import OrgStaffType, StaffAnswer


class StaffActivationSend(StaffAnswer):
    """Mail the activation link again; at most every five minutes and five times a day."""

    staff = graphene.Field(OrgStaffType, description="人员")

    class Arguments:
        staff = graphene.String(required=True, description="工号")

    class Meta:
        description = "重发激活邮件；已设置密码（ALREADY_ACTIVATED）或刚发过（TOO_OFTEN）时拒绝。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, staff: str) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user
        return cls.answer(lambda: {"staff": send_again(user, staff_for(user, staff))})
