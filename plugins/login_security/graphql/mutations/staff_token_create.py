"""``staffTokenCreate``: a token for somebody of the staff, with a code where one is needed."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.account.types import User as UserType

from saleor_o2o.kernel.errors import DomainError

from ...models import Way
from ...places import place_of
from ...services.logging_in import staff_token
from ..types import LoginErrorType, error_of


class StaffTokenCreate(graphene.Mutation):
    """Log in as staff."""

    token = graphene.String(description="令牌，用法与 tokenCreate 的相同")
    user = graphene.Field(UserType, description="登录人")
    errors = graphene.List(graphene.NonNull(LoginErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        email = graphene.String(required=True, description="邮箱")
        password = graphene.String(required=True, description="密码")
        otp = graphene.String(description="验证器上的 6 位数字，或恢复码；需要二次验证的账号必填")

    class Meta:
        description = "员工登录。需要二次验证的账号只能用它取得令牌。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, email: str, password: str, otp: str = "") -> StaffTokenCreate:
        """Errors come back in ``errors``."""
        try:
            user, token = staff_token(info.context, email, password, otp, place_of(info.context, Way.API))
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(user=user, token=token, errors=[])
