"""粉丝: who follows, by which code they came; no openid is shown, for nobody needs to read one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.columns import at, column, moment, yes_no

from ..models import Fan

#: What WeChat calls the way somebody came.
WAYS = {
    "ADD_SCENE_SEARCH": "搜索", "ADD_SCENE_QR_CODE": "扫码", "ADD_SCENE_PROFILE_LINK": "图文页名称",
    "ADD_SCENE_PROFILE_CARD": "名片分享",
    "ADD_SCENE_PAID": "支付后关注", "ADD_SCENE_ACCOUNT_MIGRATION": "公众号迁移",
    "ADD_SCENE_WECHAT_ADVERTISEMENT": "微信广告",
    "ADD_SCENE_OTHERS": "其他",
}  # fmt: skip


@admin.register(Fan)
class FanAdmin(ReadOnlyAdmin):
    """Followers of the accounts in reach."""

    list_display = (
        "c_who",
        "c_account",
        "c_following",
        "c_followed",
        "c_left",
        "c_seen",
        "c_way",
        "c_code",
        "c_member",
    )
    list_display_links = ("c_who",)
    list_select_related = ("account", "first_code", "user")
    list_filter = ("is_following", "account", "way")
    ordering = ("-pk",)
    details = (
        (None, ("c_who", "c_account", "c_following", "c_member", "c_followed", "c_last", "c_left", "c_seen")),
        ("来源", ("c_way", "c_code", "c_code_at", "c_synced")),
    )

    c_account = column("account__name", "公众号")
    c_following = yes_no("is_following", "关注中")
    c_followed = moment("followed_at", "首次关注")
    c_last = moment("last_followed_at", "最近关注")
    c_left = moment("left_at", "取消关注")
    c_seen = moment("seen_at", "最近互动")
    c_way = column("way", "关注渠道", lambda value: WAYS.get(value, "其他"))
    c_code = column("first_code__name", "来自二维码")
    c_code_at = moment("first_code_at", "首次扫码")
    c_member = yes_no("user_id", "已是会员")
    c_synced = moment("synced_at", "资料同步")

    @admin.display(description="粉丝")
    def c_who(self, obj: Fan) -> str:
        """The last four letters of the openid."""
        return obj.called

    def called(self, obj: Fan) -> str:
        return obj.called

    def tables(self, request: HttpRequest, obj: Fan) -> list[Table]:
        rows = [
            (at(push.received_at), push.kind, push.event or "—", str(push.answered_by or "—"))
            for push in obj.pushes.select_related("answered_by").order_by("-pk")[:30]
        ]
        return [Table("最近互动（内容在“收到的消息”里）", ("时间", "类型", "事件", "命中规则"), rows)]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return self.list_display_links
