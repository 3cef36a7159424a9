"""邮政业务积分: each business with what it gave, the import, and the report by unit."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.imports import ImportPages
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.admin.reports import asked_of, shown
from saleor_o2o.backoffice.columns import column, link, moment, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..figures import Row, by_service, by_unit
from ..models import PostalBusiness, PostalImport
from ..permissions import EXPORT, VIEW
from ..services.importing import COLUMNS, confirm, drop, may_import, own_upload, plan, upload
from .looks import STATES

IMPORTS = ImportPages(
    about=PostalBusiness,
    title=_("导入邮政业务"),
    may=may_import,
    keep=lambda request, file: upload(file, by=request.user),
    find=lambda pk, user: own_upload(pk, by=user),
    look=plan,
    confirm=lambda found, user: confirm(found, by=user),
    drop=lambda found, user: drop(found, by=user),
    rows=PostalImport.objects.all,
    heads=(
        (_("业务"), lambda line: line.shown[0]),
        (_("业务编号"), lambda line: line.shown[1]),
        (_("金额（元）"), lambda line: line.shown[2]),
        (_("客户"), lambda line: line.shown[3]),
        (_("积分"), lambda line: line.shown[4]),
    ),
    done=_("导入完成：登记 %(created_count)s 笔，冲正 %(changed_count)s 笔；积分多的文件在“邮政业务导入批次”等待复核"),
    hint=_("同一业务编号只计一次；有一行错误就一笔也不导入"),
    sheet=_("邮政业务"),
    columns=lambda _user: COLUMNS,
    words={
        "create": _("计分"), "wait": _("等待注册"), "change": _("冲正"), "same": _("已登记"), "skip": _("不计分"),
    },
)  # fmt: skip
_HEADERS = ("笔数", "金额", "已计积分", "待注册积分", "已冲正积分")


@admin.register(PostalBusiness)
class PostalBusinessAdmin(ReadOnlyAdmin):
    """Businesses of the units in reach."""

    list_display = (
        "number",
        "c_service",
        "c_amount",
        "c_when",
        "c_unit",
        "clue",
        "c_member",
        "c_points",
        "c_state",
    )
    list_display_links = ("number",)
    list_select_related = ("unit", "member")
    list_filter = (
        ("state", ChoicesDropdownFilter), ("service", ChoicesDropdownFilter), ("source", ChoicesDropdownFilter),
        ("happened_at", titled(RangeDateFilter, "办理时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("number", "member__number")
    search_help_text = _("业务编号、会员号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_service", "c_amount", "c_when", "c_unit", "clue", "c_member", "c_points", "c_state", "why",
                "c_wait", "c_entry", "c_back", "c_source", "c_batch", "c_made",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "邮政业务积分", EXPORT,
        (
            Cell("业务", "get_service_display"), Cell("业务编号", "number"), Cell("金额（元）", "amount"),
            Cell("办理时间", "happened_at"), Cell("办理机构", "unit__name"), Cell("客户", "clue"),
            Cell("会员号", "member__number"), Cell("积分", "points"), Cell("状态", "get_state_display"),
            Cell("说明", "why"), Cell("来源", "get_source_display"),
        ),
        related=("unit", "member"),
    )  # fmt: skip

    c_service = column("get_service_display", "业务", lambda show: show(), order="service")
    c_amount = column("amount", "金额", yuan)
    c_when = moment("happened_at", "办理时间")
    c_unit = column("unit__name", "办理机构", order="unit__path")
    c_points = column("points", "积分", lambda value: f"{value:,}")
    c_state = state("state", "状态", STATES)
    c_wait = moment("wait_until", "等待注册至")
    c_source = column("get_source_display", "来源", lambda show: show(), order=None)
    c_made = moment("made_at", "登记时间")

    @admin.display(description=_("会员"))
    def c_member(self, row: PostalBusiness) -> Any:
        return "—" if row.member is None else link("o2o_members_member", row.member.pk, row.member.number)

    @admin.display(description=_("积分入账"))
    def c_entry(self, row: PostalBusiness) -> Any:
        return "—" if row.entry is None else link("o2o_loyalty_entry", row.entry.pk, row.entry)

    @admin.display(description=_("冲正流水"))
    def c_back(self, row: PostalBusiness) -> Any:
        return "—" if row.back_entry is None else link("o2o_loyalty_entry", row.back_entry.pk, row.back_entry)

    @admin.display(description=_("批次"))
    def c_batch(self, row: PostalBusiness) -> Any:
        return (
            "—"
            if row.batch is None
            else link("o2o_postal_points_postalbatch", row.batch.pk, row.batch.number)
        )

    def tables(self, request: HttpRequest, obj: PostalBusiness) -> Any:
        return [moves_of(obj, STATES)]

    def get_urls(self) -> list[Any]:
        own = path("report/", self.admin_site.admin_view(self.report_view), name=self._page("report"))
        return [own, *IMPORTS.urls(), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context is not None:
            found = [door(_("报表"), "monitoring", reverse(f"admin:{self._page('report')}"))]
            if may_import(request.user):
                found.insert(0, door(_("导入"), "upload_file", IMPORTS.address()))
            context["actions_list"] = [*context.get("actions_list", ()), *found]
        return response

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """What services gave, by unit and by service; `format=xlsx`: a workbook, for whoever may take rows out."""
        user: Any = request.user
        if not policy_for(PostalBusiness).may(user, VIEW, PostalBusiness):
            raise PermissionDenied
        may_export = policy_for(PostalBusiness).may(user, EXPORT, PostalBusiness)
        as_file = request.GET.get("format") == "xlsx"
        if as_file and not may_export:
            raise PermissionDenied
        asked = asked_of(request, 31, _("办理自"))
        rows = rows_for(user, PostalBusiness.objects.all(), EXPORT if as_file else VIEW)
        if asked["unit"]:
            top = OrgUnit.objects.filter(code=asked["unit"].upper()).values_list("path", flat=True).first()
            rows = rows.filter(unit__path__startswith=top) if top else rows.none()
        units = by_unit(rows, asked["first"], asked["last"])
        services = by_service(rows, asked["first"], asked["last"])
        tables = [
            Table(str(_("按业务")), ("业务", *_HEADERS), [_cells(row) for row in services]),
            Table(str(_("按办理机构")), ("办理机构", *_HEADERS), [_cells(row) for row in units]),
        ]
        span = f"{asked['first']} 至 {asked['last']}"
        cards = [
            (_("已计积分"), f"{sum(row.counted for row in services):,}", span),
            (_("待注册积分"), f"{sum(row.waiting for row in services):,}", _("客户注册后补记")),
            (_("已冲正积分"), f"{sum(row.reversed for row in services):,}", span),
        ]
        return shown(
            self, request, "o2o_postal_points.report", _("邮政业务积分报表"), asked, tables, cards,
            may_export=may_export,
        )  # fmt: skip


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name, f"{row.businesses:,}", yuan(row.amount), f"{row.counted:,}", f"{row.waiting:,}",
        f"{row.reversed:,}",
    )  # fmt: skip
