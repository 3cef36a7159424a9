"""``memberPasswordSignIn``: log in by any identity and the password."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.signing_in import by_password
from ..types import MemberDeviceInput, SignedIn, device_in, errors_of, signed_in


class MemberPasswordSignIn(graphene.Mutation):
    """Log in by password."""

    Output = SignedIn

    class Arguments:
        login = graphene.String(required=True, description="手机号、会员号、会员卡号、用户名、证件号或邮箱")
        password = graphene.String(required=True, description="密码")
        device = MemberDeviceInput(description="本机")

    class Meta:
        description = "密码登录。失败 5 次锁定 15 分钟。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, login: str, password: str, device: Any = None) -> SignedIn:
        """Errors come back in ``errors``."""
        try:
            return SignedIn(**signed_in(by_password(login, password, device_in(info, device))))
        except DomainError as error:
            return SignedIn(created=False, errors=errors_of(error))
