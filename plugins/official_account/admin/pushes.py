"""收到的消息: what people wrote and did, and what was answered; what was not understood is what an editor looks for."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.columns import column, moment, state
from saleor_o2o.kernel.scope import policy_for

from ..models import Push, PushState
from ..permissions import CONTENT
from ..wire import BadPush, reread

KINDS = {
    "text": "文字", "image": "图片", "voice": "语音", "video": "视频",
    "shortvideo": "小视频", "location": "位置", "link": "链接",
    "event": "事件",
}  # fmt: skip
EVENTS = {
    "subscribe": "关注", "unsubscribe": "取消关注", "scan": "扫码",
    "click": "点击菜单", "view": "点击菜单链接", "location": "上报位置",
    "templatesendjobfinish": "模板消息送达结果", "subscribe_msg_popup_event": "订阅通知：勾选",
    "subscribe_msg_change_event": "订阅通知：改了设置", "subscribe_msg_sent_event": "订阅通知送达结果",
    "scancode_push": "菜单扫一扫", "scancode_waitmsg": "菜单扫一扫", "pic_sysphoto": "菜单拍照",
    "pic_photo_or_album": "菜单选图", "pic_weixin": "菜单选图", "location_select": "菜单发位置",
}  # fmt: skip


def said_of(push: Push) -> str:
    """What kind of message or event it is, in Chinese."""
    return EVENTS.get(push.event, push.event) if push.event else KINDS.get(push.kind, push.kind or "—")


class Understood(admin.SimpleListFilter):
    """Messages that no keyword answered."""

    title = "自动回复"
    parameter_name = "understood"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "没有命中关键词"), ("yes", "命中关键词")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "no":
            return queryset.filter(kind="text").exclude(answered_by__trigger__in=("exact", "contains"))
        if self.value() == "yes":
            return queryset.filter(answered_by__trigger__in=("exact", "contains"))
        return queryset


@admin.register(Push)
class PushAdmin(ReadOnlyAdmin):
    """Messages and events of the accounts in reach. The words are read by whoever edits the answers."""

    list_display = ("c_received", "c_account", "c_fan", "c_kind", "c_said", "c_rule", "c_state", "times_seen")
    list_display_links = ("c_received",)
    list_select_related = ("account", "fan", "answered_by")
    list_filter = (Understood, "account", "state", "kind", "event")
    details = (
        (None, ("c_received", "c_account", "c_fan", "c_kind", "c_said", "c_rule")),
        ("处理", ("c_state", "times_seen", "attempts", "last_error", "c_done", "c_answered")),
    )

    c_received = moment("received_at", "收到时间")
    c_account = column("account__name", "公众号")
    c_fan = column("fan__called", "粉丝", order=None)
    c_rule = column("answered_by", "命中规则", str, order=None)
    c_state = state("state", "状态", dict(PushState.choices))
    c_done = moment("done_at", "处理时间")

    @admin.display(description="类型")
    def c_kind(self, obj: Push) -> str:
        """In Chinese."""
        return said_of(obj)

    @admin.display(description="内容")
    def c_said(self, obj: Push) -> str:
        """What was written, for those who edit answers; others see that something was."""
        if not getattr(obj, "readable", False):
            return "（需要编辑权限）"
        try:
            said = reread(obj.account, obj.body)
        except BadPush:
            return "（无法读取）"
        return (said.text or said.key or str(said.values.get("Label") or "—"))[:120]

    @admin.display(description="应答")
    def c_answered(self, obj: Push) -> str:
        """Whether something was sent back in the same breath."""
        return "已回复" if obj.answer else "未回复"

    def get_queryset(self, request: HttpRequest) -> Any:
        from django.db.models import Exists, OuterRef

        from saleor_o2o.kernel.scope import rows_for

        readable = rows_for(request.user, Push, CONTENT).filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(readable=Exists(readable))

    def called(self, obj: Push) -> str:
        return self.c_kind(obj)

    def may_read(self, request: HttpRequest, obj: Push) -> bool:
        """Whether the words may be read."""
        return policy_for(Push).may(request.user, CONTENT, obj)
