"""派单报表: how fast tasks are taken, how many were late, by unit; as tables and as a workbook."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.reports import asked_of, shown
from saleor_o2o.kernel.scope import policy_for, rows_for
from saleor_o2o.ordering.interfaces import BusinessLine

from ..figures import Report, Row
from ..figures import report as figures_of
from ..models import DispatchTask
from ..permissions import EXPORT

DAYS = 14
HEADERS = (
    "派达", "经手", "已接单", "接单中位（分）", "接单平均（分）", "超时", "超时率", "已发出",
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
    whole = found.whole
    average = _("平均 %(time)s") % {"time": _in_minutes(whole.take_average)}
    cards = [
        (_("派达"), whole.placed, _("关闭 %(count)s 单") % {"count": whole.closed}),
        (_("接单用时（中位）"), _in_minutes(whole.take_median), average),
        (_("超时率"), _share(whole.late_rate), _("%(count)s 单曾超时") % {"count": whole.late}),
        (_("已发出"), whole.done, _("中位 %(time)s") % {"time": _in_hours(whole.send_median)}),
    ]
    return shown(
        page, request, "o2o_dispatch.report", _("派单报表"), asked, tables, cards,
        may_export=takes_out, business_lines=BusinessLine.choices,
    )  # fmt: skip


def _asked(request: HttpRequest) -> dict[str, Any]:
    line = request.GET.get("line", "")
    return {
        **asked_of(request, DAYS, _("派达自")),
        "line": line if line in BusinessLine.values else "",
    }


def _cells(row: Row) -> tuple[Any, ...]:
    hours = None if row.send_median is None else round(row.send_median / 60, 1)
    return (
        row.placed, row.came, row.taken, _or_dash(row.take_median), _or_dash(row.take_average), row.late,
        _share(row.late_rate), row.done, _or_dash(hours), row.refused, row.passed_on, row.closed,
    )  # fmt: skip


def _tables(found: Report) -> list[Table]:
    units = [(row.name, *_cells(row)) for row in found.units]
    if len(units) > 1:
        units.append(("合计", *_cells(found.whole)))
    return [
        Table("按机构（派达按现承办，超时按责任机构）", ("机构", *HEADERS), units),
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
