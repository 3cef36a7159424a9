"""``staffLogoutEverywhere``: end all of one's own sessions and tokens."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed

from ...services.accounts import log_out_everywhere
from ..types import LoginErrorType, error_of


class StaffLogoutEverywhere(graphene.Mutation):
    """Log out everywhere, this token included."""

    errors = graphene.List(graphene.NonNull(LoginErrorType), required=True, description="错误；成功时为空")

    class Meta:
        description = "退出本人的所有登录，包括当前令牌。"

    @classmethod
    def mutate(cls, _root: Any, info: Any) -> StaffLogoutEverywhere:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            if not user.is_authenticated or not user.is_staff:
                raise NotAllowed
            log_out_everywhere(user, user)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(errors=[])
