"""公众号二维码: made for an outlet, a shop, a campaign; printed; counted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe

from plugins.channels.interfaces import Channel
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import column, moment, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.scope import rows_for

from ..errors import Code, OfficialAccountError
from ..models import SceneCode, SceneState
from ..permissions import CODE_MAKE, CODE_VIEW
from ..services import scenes
from . import fields
from .acting import AccountPage


class CodeForm(forms.Form):
    """A new code."""

    unit = fields.row_of("所属机构", help_text="网点自己的二维码选网点；微店的选所属支局；活动选举办单位")
    channel = fields.row_of(
        "渠道或微店", required=False, help_text="选了微店，扫码关注的人以后按绑定规则成为店主的客户"
    )
    name = fields.text("名称", 60, help_text="印在海报上，也用于统计，例如：解放碑网点柜台")
    campaign = fields.text("活动", 40, required=False, help_text="同一渠道可以为不同活动各做一个")
    days = fields.number(
        "有效天数", 0, scenes.MOST_DAYS, help_text="0 为永久（总数有限）；活动用临时的，最长 30 天"
    )
    welcome = fields.lines(
        "欢迎语",
        scenes.MAX_WELCOME,
        required=False,
        rows=3,
        help_text="扫这个码关注的人看到；留空用公众号的关注回复",
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = rows_for(user, OrgUnit, CODE_MAKE).order_by("path")
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        channels = rows_for(user, Channel).exclude(status="left").order_by("name")
        self.fields["channel"].queryset = channels  # type: ignore[attr-defined]


@admin.register(SceneCode)
class SceneCodeAdmin(AccountPage):
    """Codes of the units in reach."""

    list_display = (
        "name",
        "c_unit",
        "c_channel",
        "campaign",
        "c_account",
        "c_state",
        "scans",
        "follows",
        "c_fans",
        "c_until",
    )
    list_display_links = ("name",)
    list_select_related = ("account", "unit", "channel")
    list_filter = ("account", "state", "is_permanent")
    search_fields = ("name", "campaign", "unit__name", "channel__name")
    search_help_text = "名称、活动、机构、渠道"
    begins = (("生成二维码", "qr_code_2_add", "add_code", CODE_MAKE),)
    details = (
        (
            None,
            (
                "name",
                "scene",
                "c_account",
                "c_unit",
                "c_channel",
                "campaign",
                "c_state",
                "result",
                "c_until",
                "welcome",
            ),
        ),
        ("效果", ("scans", "follows", "c_fans", "c_created")),
    )

    c_unit = column("unit__name", "所属机构")
    c_channel = column("channel__name", "渠道或微店")
    c_account = column("account__name", "公众号")
    c_state = state("state", "状态", dict(SceneState.choices))
    c_until = column("expires_at", "有效期至", lambda value: f"{value:%Y-%m-%d %H:%M}")
    c_created = moment("created_at", "创建时间")

    @admin.display(description="首次归属的粉丝")
    def c_fans(self, obj: SceneCode) -> int:
        """Who first came by it, and follows still."""
        return obj.attributed  # type: ignore[attr-defined]

    def get_queryset(self, request: HttpRequest) -> Any:
        from django.db.models import Count, Q

        rows = super().get_queryset(request)
        return rows.annotate(attributed=Count("fans", filter=Q(fans__is_following=True)))

    def get_urls(self) -> list[Any]:
        return [
            self.own("add-code/", self.add_code_view, "add_code"),
            self.own("<int:pk>/png/", self.png_view, "png"),
            self.own("<int:pk>/poster/", self.poster_view, "poster"),
            self.own("<int:pk>/end/", self.end_view, "end"),
            self.own("<int:pk>/again/", self.again_view, "again"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: SceneCode) -> list[Table]:
        rows = [(day.day, day.scans, day.follows) for day in obj.days.order_by("-day")[:31]]
        return [Table("每日效果", ("日期", "扫码次数", "新关注"), rows)]

    def doors(self, request: HttpRequest, obj: SceneCode) -> Any:
        found = []
        if obj.state == SceneState.ACTIVE and obj.url:
            found += [
                self.door_to("打印海报", "print", "poster", obj.pk),
                door("下载图片", "download", self.address("png", obj.pk)),
            ]
        if self.may(request, CODE_MAKE, obj):
            if obj.state == SceneState.FAILED:
                found.append(self.door_to("重新生成", "refresh", "again", obj.pk))
            if obj.state == SceneState.ACTIVE:
                found.append(self.door_to("停用", "block", "end", obj.pk))
        return found

    def add_code_view(self, request: HttpRequest) -> HttpResponse:
        """生成."""
        user: Any = request.user
        if not user.has_perm(CODE_MAKE):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            unit = values.pop("unit")
            account = scenes.account_for(unit)
            if account is None:
                raise OfficialAccountError(
                    Code.INVALID, "这个机构和它的上级都还没有公众号", "unit", "请先由市中心添加公众号"
                )
            scenes.make_code(user, account.pk, unit, **values)
            return "正在生成，请稍后打开打印"

        form = CodeForm(user, request.POST or None, initial={"days": 0})
        return self.act(request, "生成公众号二维码", form, do, reverse(f"admin:{self._page('changelist')}"))

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """停用."""
        code = self.row(request, pk, CODE_MAKE)

        def do(_values: dict[str, Any]) -> str:
            scenes.end_code(request.user, pk)
            return "已停用"

        note = "停用后再扫它关注，不算到这个机构或店主名下；已经归属的不变。"
        form = forms.Form(request.POST or None)
        return self.act(request, f"停用 {code}", form, do, self.page_of(pk), note=note)

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """重新生成."""
        code = self.row(request, pk, CODE_MAKE)

        def do(_values: dict[str, Any]) -> str:
            scenes.ask_again(request.user, pk)
            return "正在重新生成"

        form = forms.Form(request.POST or None)
        return self.act(request, f"重新生成 {code}", form, do, self.page_of(pk))

    def png_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The code as a picture for a printer."""
        code = self._drawn(request, pk)
        response = HttpResponse(scenes.png_of(code), content_type="image/png")
        response["Content-Disposition"] = content_disposition_header(True, f"{code.name}.png") or "attachment"
        return response

    def poster_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A sheet to print and put on the counter."""
        code = self._drawn(request, pk)
        # made by the library from numbers and letters, nothing of it was typed by anybody
        drawing = mark_safe(scenes.svg_of(code))  # noqa: S308
        context = {"code": code, "drawing": drawing}
        return TemplateResponse(request, "o2o_official_account/poster.html", context)

    def _drawn(self, request: HttpRequest, pk: int) -> SceneCode:
        code: SceneCode = self.row(request, pk, CODE_VIEW)
        if not code.url:
            raise Http404
        return code
