"""Types of the official account's API."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import Refusal

from ..models import MessageTemplate, Occasion


class WechatJsConfigType(graphene.ObjectType):
    """What `wx.config` is called with."""

    app_id = graphene.String(required=True, description="AppID")
    timestamp = graphene.Int(required=True, description="时间戳（秒）")
    nonce_str = graphene.String(required=True, description="随机串")
    signature = graphene.String(required=True, description="签名")

    class Meta:
        name = "WechatJsConfig"
        description = "微信 JS-SDK 的 wx.config 参数。"


WechatOccasionEnum = enum_of("WechatOccasion", Occasion)


class WechatNoticeType(graphene.ObjectType):
    """What a follower can agree to be told."""

    template_id = graphene.String(required=True, description="订阅通知的模板 ID")
    occasion = graphene.Field(WechatOccasionEnum, required=True, description="什么时候通知")
    title = graphene.String(required=True, description="场合的说法")

    class Meta:
        name = "WechatNotice"
        description = "可以请粉丝同意接收的订阅通知。"

    @staticmethod
    def resolve_title(root: MessageTemplate, _info: Any) -> str:
        return str(root.get_occasion_display())


class WechatErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "WechatError"


def error_of(error: Any) -> WechatErrorType:
    """A kernel error in the API's form."""
    return WechatErrorType(
        field=error.field, message=error.message, hint=error.hint, code=str(error.code.value)
    )


def errors_field() -> Any:
    """The list every mutation answers with."""
    return graphene.List(graphene.NonNull(WechatErrorType), required=True, description="错误；成功时为空")
