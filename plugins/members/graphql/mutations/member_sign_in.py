"""``memberSignIn``: log in by a code; whoever is new becomes a member."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.signing_in import by_code
from ..types import MemberDeviceInput, SignedIn, device_in, errors_of, signed_in


class MemberSignIn(graphene.Mutation):
    """Log in or register."""

    Output = SignedIn

    class Arguments:
        mobile = graphene.String(required=True, description="手机号")
        code = graphene.String(required=True, description="用途为 SIGN_IN 的短信验证码")
        agreement = graphene.String(description="已阅读并同意的会员协议版本（memberAgreement）；首次登录必填")
        name = graphene.String(description="称呼，首次登录时登记")
        device = MemberDeviceInput(description="本机")
        referrer = graphene.String(description="推荐人的会员号，首次登录时登记；不正确的不登记")
        channel = graphene.String(description="来源渠道（推广码、活动），首次登录时登记")

    class Meta:
        description = "验证码登录；没有注册过的号码，同意协议后同时注册。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        mobile: str,
        code: str,
        agreement: str = "",
        name: str = "",
        device: Any = None,
        referrer: str = "",
        channel: str = "",
    ) -> SignedIn:
        """Errors come back in ``errors``."""
        try:
            at = device_in(info, device)
            tokens = by_code(
                mobile, code, at, agreement=agreement or "", name=name or "", referrer=referrer or "",
                channel=channel or "",
            )  # fmt: skip
            return SignedIn(**signed_in(tokens))
        except DomainError as error:
            return SignedIn(created=False, errors=errors_of(error))
