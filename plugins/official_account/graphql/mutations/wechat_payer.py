"""``wechatPayer``: back from WeChat with a code: pay inside WeChat without an account."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...pages import keep_pace
from ...services.logins import name_payer
from ..types import error_of, errors_field


class WechatPayer(graphene.Mutation):
    """Whom WeChat names pays; nobody is registered or logged in."""

    payer_pass = graphene.String(description="付款凭据，一小时内用于 paymentStart")
    errors = errors_field()

    class Arguments:
        code = graphene.String(required=True, description="微信转回时带的 code")
        state = graphene.String(required=True, description="微信转回时带的 state")
        browser_key = graphene.String(required=True, description="wechatLoginStart 给本浏览器的凭据")

    class Meta:
        description = "没有登录的顾客在微信里付款：换取付款凭据，不注册、不登录。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str, state: str, browser_key: str) -> WechatPayer:
        """Open to everybody who comes from `wechatLoginStart` with the same browser."""
        try:
            keep_pace(info.context)
            told = name_payer(code, state, browser_key)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(payer_pass=told, errors=[])
