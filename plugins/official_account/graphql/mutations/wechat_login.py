"""``wechatLogin``: back from WeChat with a code: log in, or bind WeChat to whoever is logged in."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.account.types import User as UserType

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...pages import keep_pace
from ...services.logins import finish
from ..types import error_of, errors_field


class WechatLogin(graphene.Mutation):
    """Log in by WeChat."""

    token = graphene.String(description="登录令牌（同 tokenCreate）；已登录而来绑定微信的为空")
    user = graphene.Field(UserType, description="登录的账号")
    created = graphene.Boolean(required=True, description="是否刚刚注册")
    follows = graphene.Boolean(description="是否关注着公众号")
    errors = errors_field()

    class Arguments:
        code = graphene.String(required=True, description="微信转回时带的 code")
        state = graphene.String(required=True, description="微信转回时带的 state")
        browser_key = graphene.String(required=True, description="wechatLoginStart 给本浏览器的凭据")
        agreement = graphene.String(description="已同意的会员协议版本；第一次登录必填，可补齐后重新提交")
        device_key = graphene.String(description="设备自己保存的随机标识")

    class Meta:
        description = "完成微信登录：没有注册过的同意协议后同时注册；已登录的，把微信绑定到本账号。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        code: str,
        state: str,
        browser_key: str,
        agreement: str = "",
        device_key: str = "",
    ) -> WechatLogin:
        """Open to everybody who comes from `wechatLoginStart` with the same browser."""
        try:
            keep_pace(info.context)
            done = finish(
                code,
                state,
                browser_key,
                agreement=agreement or "",
                device=device_of(info.context, device_key or ""),
                user=info.context.user,
            )
        except DomainError as error:
            return cls(created=False, errors=[error_of(error)])
        return cls(
            token=done.token or None, user=done.user, created=done.created, follows=done.follows, errors=[]
        )
