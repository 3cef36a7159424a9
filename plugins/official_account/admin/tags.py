"""粉丝标签、粉丝同步: WeChat's tags with their counts, who bears them, and readings of the whole list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import column, moment, state
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import rows_for

from ..models import Account, Crawl, CrawlState, Fan, FanTagState, SceneCode, Tag
from ..permissions import FAN_EDIT
from ..services import crawling, tags
from . import fields
from .acting import AccountPage

#: Followers that one form marks at most; more are taken in a second go.
MOST = 5000


class OfAccount(forms.Form):
    """Of which account."""

    account = fields.row_of("公众号")

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = rows_for(user, Account, FAN_EDIT).order_by("pk")
        self.fields["account"].queryset = rows  # type: ignore[attr-defined]
        self.fields["account"].initial = rows.first()


class NewTag(OfAccount):
    """A tag's name."""

    name = fields.text("标签名", 30, help_text="最多 10 个汉字；一个公众号最多 100 个标签")


class Named(forms.Form):
    """Another name."""

    name = fields.text("标签名", 30, help_text="最多 10 个汉字")


class Whom(forms.Form):
    """Which followers."""

    code = fields.row_of("扫这个二维码来的", required=False)
    member = fields.choice("会员", [("", "不限"), ("yes", "已是会员"), ("no", "还不是会员")], required=False)
    days = fields.number("最近多少天关注的", 1, 3650, required=False, help_text="留空不限")
    on = fields.choice("做什么", [("on", "加上这个标签"), ("off", "去掉这个标签")])

    def __init__(self, user: Any, tag: Tag, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = rows_for(user, SceneCode).filter(account_id=tag.account_id).order_by("name")
        self.fields["code"].queryset = codes  # type: ignore[attr-defined]

    def chosen(self, user: Any, tag: Tag) -> Any:
        """The followers meant, of those in reach."""
        told = self.cleaned_data
        rows = rows_for(user, Fan, FAN_EDIT).filter(account_id=tag.account_id, is_following=True)
        if told["code"]:
            rows = rows.filter(first_code=told["code"])
        if told["member"]:
            rows = rows.filter(user__isnull=told["member"] == "no")
        if told["days"]:
            rows = rows.filter(last_followed_at__gte=now() - timedelta(days=told["days"]))
        return rows if told["on"] == "on" else rows.filter(tags__tag=tag)


@admin.register(Tag)
class TagAdmin(AccountPage):
    """Tags of the accounts in reach."""

    list_display = ("c_name", "c_account", "c_people", "c_here", "c_synced")
    list_display_links = ("c_name",)
    list_select_related = ("account",)
    list_filter = ("account",)
    search_fields = ("name",)
    search_help_text = "标签名"
    begins = (
        ("新建标签", "new_label", "add_tag", FAN_EDIT),
        ("从微信同步标签", "sync", "sync", FAN_EDIT),
    )
    details = ((None, ("name", "c_account", "c_people", "c_here", "remote_id", "c_synced")),)

    c_name = column("name", "标签")
    c_account = column("account__name", "公众号")
    c_people = column("people", "人数（微信统计）", str)
    c_synced = moment("synced_at", "同步时间")

    @admin.display(description="这里的粉丝")
    def c_here(self, obj: Tag) -> int:
        """Of whom we know that they bear it."""
        return obj.here  # type: ignore[attr-defined]

    def get_queryset(self, request: HttpRequest) -> Any:
        from django.db.models import Count, Q

        rows = super().get_queryset(request)
        return rows.annotate(here=Count("fans", filter=Q(fans__state=FanTagState.ON)))

    def get_urls(self) -> list[Any]:
        return [
            self.own("add-tag/", self.add_tag_view, "add_tag"),
            self.own("sync/", self.sync_view, "sync"),
            self.own("<int:pk>/rename/", self.rename_view, "rename"),
            self.own("<int:pk>/remove/", self.remove_view, "remove"),
            self.own("<int:pk>/mark/", self.mark_view, "mark"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: Tag) -> list[Table]:
        waits = obj.fans.filter(state__in=("putting", "taking")).count()
        refused = obj.fans.filter(state=FanTagState.REFUSED).select_related("fan").order_by("-pk")[:30]
        found = [Table("没有添加成功", ("粉丝", "原因"), [(one.fan.called, one.result) for one in refused])]
        return [Table("进行中", ("还有人数",), [(waits,)]), *found] if waits else found

    def doors(self, request: HttpRequest, obj: Tag) -> Any:
        if not self.may(request, FAN_EDIT, obj):
            return ()
        found = [self.door_to("给粉丝打标签", "sell", "mark", obj.pk)]
        if not obj.is_systems:
            found += [
                self.door_to("改名", "edit", "rename", obj.pk),
                self.door_to("删除", "delete", "remove", obj.pk),
            ]
        return found

    def add_tag_view(self, request: HttpRequest) -> HttpResponse:
        """新建."""
        user = self._editor(request)

        def do(values: dict[str, Any]) -> str:
            tags.create_tag(user, values["account"].pk, values["name"])
            return "已在微信新建标签"

        return self._form(request, "新建标签", NewTag(user, request.POST or None), do)

    def sync_view(self, request: HttpRequest) -> HttpResponse:
        """从微信同步."""
        user = self._editor(request)

        def do(values: dict[str, Any]) -> str:
            return f"已同步 {tags.sync_tags(values['account'])} 个标签"

        return self._form(request, "从微信同步标签", OfAccount(user, request.POST or None), do)

    def rename_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """改名."""
        tag = self.row(request, pk, FAN_EDIT)

        def do(values: dict[str, Any]) -> str:
            tags.rename_tag(request.user, pk, values["name"])
            return "已改名"

        form = Named(request.POST or None, initial={"name": tag.name})
        return self.act(request, f"标签“{tag}”改名", form, do, self.page_of(pk))

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """删除."""
        tag = self.row(request, pk, FAN_EDIT)

        def do(_values: dict[str, Any]) -> str:
            tags.delete_tag(request.user, pk)
            return "已删除"

        form = forms.Form(request.POST or None)
        facts = [("人数（微信统计）", tag.people)]
        back = reverse(f"admin:{self._page('changelist')}")
        note = "粉丝身上的这个标签一起去掉，不能恢复。"
        return self.act(request, f"删除标签“{tag}”", form, do, back, facts=facts, note=note)

    def mark_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """给粉丝打标签: shown with the number of people before it is done."""
        tag = self.row(request, pk, FAN_EDIT)
        form = Whom(request.user, tag, request.POST or None)
        count, sure = None, request.POST.get("do") == "yes"
        if request.method == "POST" and form.is_valid():
            count = form.chosen(request.user, tag).count()

        def do(values: dict[str, Any]) -> str:
            keys = form.chosen(request.user, tag).order_by("pk").values_list("pk", flat=True)[:MOST]
            done = tags.mark(request.user, pk, list(keys), on=values["on"] == "on")
            return f"正在处理 {done} 人"

        facts = [] if count is None else [("符合条件", f"{count} 人")]
        buttons = [("do", "count", "看看有多少人", "default")]
        if count:
            buttons = [("do", "yes", "确定", ""), *buttons]
        return self.act(
            request, f"标签“{tag}”", form, do, self.page_of(pk), facts=facts, buttons=buttons, only_look=not sure,
        )  # fmt: skip

    def _editor(self, request: HttpRequest) -> Any:
        user: Any = request.user
        if not user.has_perm(FAN_EDIT):
            raise PermissionDenied
        return user

    def _form(self, request: HttpRequest, title: str, form: forms.Form, do: Any) -> HttpResponse:
        return self.act(request, title, form, do, reverse(f"admin:{self._page('changelist')}"))


@admin.register(Crawl)
class CrawlAdmin(AccountPage):
    """Readings of the whole list of followers."""

    list_display = ("c_begun", "c_account", "c_state", "total", "seen", "added", "gone", "result", "c_ended")
    list_display_links = ("c_begun",)
    list_select_related = ("account",)
    list_filter = ("account", "state")
    begins = (("同步全部粉丝", "sync", "begin", FAN_EDIT),)
    details = (
        (
            None,
            (
                "c_account",
                "c_state",
                "total",
                "seen",
                "added",
                "gone",
                "result",
                "c_by",
                "c_begun",
                "c_ended",
            ),
        ),
    )

    c_account = column("account__name", "公众号")
    c_state = state("state", "状态", dict(CrawlState.choices))
    c_begun = moment("begun_at", "开始时间")
    c_ended = moment("ended_at", "结束时间")
    c_by = column("begun_by__first_name", "发起人")

    def get_urls(self) -> list[Any]:
        return [
            self.own("begin/", self.begin_view, "begin"),
            self.own("<int:pk>/resume/", self.resume_view, "resume"),
            *super().get_urls(),
        ]

    def doors(self, request: HttpRequest, obj: Crawl) -> Any:
        if obj.state != CrawlState.FAILED or not self.may(request, FAN_EDIT, obj):
            return ()
        return [self.door_to("继续", "play_arrow", "resume", obj.pk)]

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """同步全部粉丝."""
        user: Any = request.user
        if not user.has_perm(FAN_EDIT):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            crawling.begin(user, values["account"].pk)
            return "正在同步，可以离开本页；中断后会自动继续"

        note = "补上接入以前的粉丝，并找出我们没收到消息时取消关注的人。粉丝多时要几分钟。"
        back = reverse(f"admin:{self._page('changelist')}")
        return self.act(request, "同步全部粉丝", OfAccount(user, request.POST or None), do, back, note=note)

    def resume_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """继续."""
        row = self.row(request, pk, FAN_EDIT)

        def do(_values: dict[str, Any]) -> str:
            crawling.resume(request.user, pk)
            return "继续同步"

        form = forms.Form(request.POST or None)
        return self.act(request, f"继续同步 {row}", form, do, self.page_of(pk), facts=[("原因", row.result)])
