"""粉丝: who follows, by which code they came; no openid is shown, for nobody needs to read one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, column, moment, yes_no
from saleor_o2o.kernel.scope import rows_for

from ..models import Fan, FanTagState, Tag
from ..permissions import FAN_EDIT
from ..services import tags
from . import fields
from .acting import AccountPage
from .pushes import said_of

#: What WeChat calls the way somebody came.
WAYS = {
    "ADD_SCENE_SEARCH": "搜索", "ADD_SCENE_QR_CODE": "扫码", "ADD_SCENE_PROFILE_LINK": "图文页名称",
    "ADD_SCENE_PROFILE_CARD": "名片分享",
    "ADD_SCENE_PAID": "支付后关注", "ADD_SCENE_ACCOUNT_MIGRATION": "公众号迁移",
    "ADD_SCENE_WECHAT_ADVERTISEMENT": "微信广告",
    "ADD_SCENE_OTHERS": "其他",
}  # fmt: skip


class Tagged(admin.SimpleListFilter):
    """Who bears a tag."""

    title = "标签"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = rows_for(request.user, Tag).select_related("account").order_by("account", "name")
        return [(str(tag.pk), f"{tag.name}（{tag.account}）") for tag in rows]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not (self.value() or "").isdigit():
            return queryset
        return queryset.filter(tags__tag=int(self.value()), tags__state=FanTagState.ON)  # type: ignore[arg-type]


class RemarkForm(forms.Form):
    """What the staff call a follower, and the tags."""

    remark = fields.text("备注", 30, required=False, help_text="同时写到微信；最多 30 个字")
    tags = forms.ModelMultipleChoiceField(
        label="标签", queryset=Tag.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, fan: Fan, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Tag.objects.filter(account_id=fan.account_id).order_by("remote_id")
        self.fields["tags"].queryset = own  # type: ignore[attr-defined]


@admin.register(Fan)
class FanAdmin(AccountPage):
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
    list_filter = ("is_following", "account", Tagged, "way")
    ordering = ("-pk",)
    details = (
        (None, ("c_who", "c_account", "c_following", "c_member", "c_followed", "c_last", "c_left", "c_seen")),
        ("来源", ("c_way", "c_code", "c_code_at", "c_synced", "remark", "c_tags")),
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

    @admin.display(description="标签")
    def c_tags(self, obj: Fan) -> str:
        """Names."""
        worn = obj.tags.filter(state__in=(FanTagState.ON, FanTagState.PUTTING)).select_related("tag")
        return "、".join(one.tag.name for one in worn) or "—"

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/edit/", self.edit_view, "edit"), *super().get_urls()]

    def doors(self, request: HttpRequest, obj: Fan) -> Any:
        return (
            [self.door_to("备注与标签", "edit", "edit", obj.pk)] if self.may(request, FAN_EDIT, obj) else ()
        )

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """备注与标签."""
        fan = self.row(request, pk, FAN_EDIT)
        worn = set(
            fan.tags.exclude(state__in=(FanTagState.TAKING, FanTagState.REFUSED)).values_list(
                "tag_id", flat=True
            )
        )

        def do(values: dict[str, Any]) -> str:
            if values["remark"] != fan.remark:
                tags.set_remark(request.user, fan, values["remark"])
            wanted = {tag.pk for tag in values["tags"]}
            for key in wanted - worn:
                tags.mark(request.user, key, [pk], on=True)
            for key in worn - wanted:
                tags.mark(request.user, key, [pk], on=False)
            return "已保存"

        form = RemarkForm(fan, request.POST or None, initial={"remark": fan.remark, "tags": worn})
        return self.act(request, f"{fan.called}的备注与标签", form, do, self.page_of(pk))

    def called(self, obj: Fan) -> str:
        return obj.called

    def tables(self, request: HttpRequest, obj: Fan) -> list[Table]:
        rows = [
            (at(push.received_at), said_of(push), str(push.answered_by or "—"))
            for push in obj.pushes.select_related("answered_by").order_by("-pk")[:30]
        ]
        return [Table("最近互动（内容在“收到的消息”里）", ("时间", "类型", "命中规则"), rows)]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return self.list_display_links
