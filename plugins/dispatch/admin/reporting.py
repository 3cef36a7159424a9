"""派单报表: how fast tasks are taken, how many were late, by unit; as tables and as a workbook."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import EXPORTED, XLSX_TYPE, written
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.scope import policy_for, rows_for
from saleor_o2o.ordering.interfaces import BusinessLine

from ..figures import Report, Row
from ..figures import report as figures_of
from ..models import DispatchTask
from ..permissions import EXPORT

DAYS = 14
HEADERS = (
    "派达", "已接单", "接单中位（分）", "接单平均（分）", "超时", "超时率", "已发出",
    "发出中位（时）", "退单与拒绝", "转派", "关闭",
)  # fmt: skip


def report_view(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Of the tasks in reach, as the address asks: days, unit (and below), business line. `format=xlsx`: a workbook."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    user: Any = request.user
    takes_out = policy_for(DispatchTask).may(user, EXPORT, DispatchTask)
    as_file = request.GET.get("format") == "xlsx"
    if as_file and not takes_out:
        raise PermissionDenied
    asked = _asked(request)
    # what is taken out needs the right over every row
    rows = rows_for(user, DispatchTask, EXPORT) if as_file else rows_for(user, DispatchTask)
    if asked["unit"]:
        path = OrgUnit.objects.filter(code=asked["unit"].upper()).values_list("path", flat=True).first()
        rows = rows.filter(unit__path__startswith=path) if path else rows.none()
    if asked["line"]:
        rows = rows.filter(line=asked["line"])
    found = figures_of(rows, asked["first"], asked["last"])
    tables = _tables(found)
    if as_file:
        return _workbook(request, asked, tables)
    whole = found.whole
    average = _("平均 %(time)s") % {"time": _in_minutes(whole.take_average)}
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": _("派单报表"),
        "asked": asked,
        "business_lines": BusinessLine.choices,
        "cards": [
            (_("派达"), whole.placed, _("关闭 %(count)s 单") % {"count": whole.closed}),
            (_("接单用时（中位）"), _in_minutes(whole.take_median), average),
            (_("超时率"), _share(whole.late_rate), _("%(count)s 单曾超时") % {"count": whole.late}),
            (_("已发出"), whole.done, _("中位 %(time)s") % {"time": _in_hours(whole.send_median)}),
        ],
        "tables": tables,
        "may_export": takes_out,
    }  # fmt: skip
    return TemplateResponse(request, "o2o_dispatch/report.html", context)


def _asked(request: HttpRequest) -> dict[str, Any]:
    last = _day(request.GET.get("last", ""), today())
    first = _day(request.GET.get("first", ""), last - timedelta(days=DAYS - 1))
    line = request.GET.get("line", "")
    return {
        "first": min(first, last),
        "last": last,
        "unit": request.GET.get("unit", "").replace("\0", "").strip()[:40],
        "line": line if line in BusinessLine.values else "",
    }


def _day(text: str, default: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return default
    return found if 2000 <= found.year <= 2999 else default


def _cells(row: Row) -> tuple[Any, ...]:
    hours = None if row.send_median is None else round(row.send_median / 60, 1)
    return (
        row.placed, row.taken, _or_dash(row.take_median), _or_dash(row.take_average), row.late, _share(row.late_rate),
        row.done, _or_dash(hours), row.refused, row.passed_on, row.closed,
    )  # fmt: skip


def _tables(found: Report) -> list[Table]:
    units = [(row.name, *_cells(row)) for row in found.units]
    if len(units) > 1:
        units.append(("合计", *_cells(found.whole)))
    return [
        Table("按机构（现承办）", ("机构", *HEADERS), units),
        Table("拒绝与转派原因", ("原因", "次数"), found.reasons),
    ]


def _or_dash(value: float | None) -> Any:
    return "—" if value is None else value


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value}%"


def _in_minutes(value: float | None) -> str:
    return "—" if value is None else str(_("%(count)g 分钟") % {"count": value})


def _in_hours(value: float | None) -> str:
    return "—" if value is None else str(_("%(count)g 小时") % {"count": round(value / 60, 1)})


def _workbook(request: HttpRequest, asked: dict[str, Any], tables: Sequence[Table]) -> FileResponse:
    user: Any = request.user
    entry = audit.record(
        EXPORTED,
        after={
            "page": "o2o_dispatch.report", "filters": {key: str(value) for key, value in asked.items()},
            "rows": sum(len(table.rows) for table in tables), "format": "xlsx", "unmasked": False,
        },
    )  # fmt: skip
    book = Workbook(write_only=True)
    mark = f"内部资料 派单报表 {asked['first']} 至 {asked['last']} 导出人：{user.get_username()} 审计号：{entry.pk}"
    for table in tables:
        sheet = book.create_sheet(table.title[:31])
        sheet.append([mark])
        sheet.append(list(table.headers))
        for row in table.rows:
            sheet.append([written(cell) for cell in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"派单报表-{now():%Y%m%d-%H%M%S}.xlsx", content_type=XLSX_TYPE
    )
