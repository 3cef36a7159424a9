"""``wechatLoginStart``: a page inside WeChat wants to know who is holding it."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...pages import account_of_page, keep_pace
from ...services.logins import Scope, begin
from ..types import error_of, errors_field

WechatLoginScope = graphene.Enum("WechatLoginScope", [(item.name, item.value) for item in Scope])


class WechatLoginStart(graphene.Mutation):
    """Where to send the browser."""

    url = graphene.String(description="把浏览器转到这个微信网址；之后微信带着 code 和 state 转回 returnTo")
    browser_key = graphene.String(description="本浏览器的凭据：保存在本机，调用 wechatLogin 时交回")
    errors = errors_field()

    class Arguments:
        return_to = graphene.String(required=True, description="登录后回到的本站页面（完整网址）")
        account = graphene.String(description="公众号代码；不填为全市公众号")
        scope = WechatLoginScope(description="BASE：不打扰用户；USERINFO：用户点同意，可取得 unionid")

    class Meta:
        description = "开始微信登录（公众号网页授权）。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, return_to: str, account: str = "", scope: str = Scope.BASE
    ) -> WechatLoginStart:
        """Open to everybody."""
        try:
            keep_pace(info.context)
            begun = begin(account_of_page(account or ""), return_to, Scope(scope or Scope.BASE))
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(url=begun.url, browser_key=begun.browser_key, errors=[])
