"""What pages inside WeChat ask."""

from __future__ import annotations

from typing import Any

import graphene

from ..errors import OfficialAccountError
from ..models import MessageTemplate
from ..pages import JsConfig, account_of_page, keep_pace, sign_page
from ..services.consents import askable
from .types import WechatJsConfigType, WechatNoticeType, WechatOccasionEnum


class OfficialAccountQueries(graphene.ObjectType):
    """Public questions of pages."""

    wechat_js_config = graphene.Field(
        WechatJsConfigType,
        url=graphene.String(required=True, description="当前页面的完整网址（# 后面的不算）"),
        account=graphene.String(description="公众号代码；不填为全市公众号"),
        description="本站页面在微信里使用 JS-SDK（位置、扫一扫、分享、支付）所需的签名。",
    )

    wechat_notices = graphene.List(
        graphene.NonNull(WechatNoticeType),
        required=True,
        occasions=graphene.Argument(
            graphene.List(graphene.NonNull(WechatOccasionEnum)), required=True, description="哪些场合"
        ),
        description="现在可以请我同意接收的订阅通知，最多三个；没有关注全市公众号、已经同意、30 天内拒绝过的不再问。",
    )

    @staticmethod
    def resolve_wechat_notices(_root: Any, info: Any, occasions: list[str]) -> list[MessageTemplate]:
        """Nothing where there is no account."""
        try:
            return askable(info.context.user, account_of_page(), occasions)
        except OfficialAccountError:
            return []

    @staticmethod
    def resolve_wechat_js_config(_root: Any, info: Any, url: str, account: str = "") -> JsConfig:
        """Open to everybody: it signs pages of ours alone."""
        keep_pace(info.context)
        return sign_page(account_of_page(account), url)
