"""订单报表: the figures as charts and tables, and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import paths_of, under
from saleor_o2o.backoffice.admin.reports import AMBER, GREEN, GREY, RED, asked_of, chart, options, workbook
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.audit import directory
from saleor_o2o.kernel.scope import rows_for

from ..access import EXPORT, may
from ..choices import ORDER_LINES, BusinessLine
from ..figures import Report, Row
from ..figures import report as figures_of
from ..models import OrderProfile, SubOrder

LINES = dict(ORDER_LINES)
HEADERS = (
    "下单", "已付款", "已发货", "已收货", "已完成", "已关闭", "超时未付", "超时率", "已付金额", "已退金额",
    "付款到发货（小时）", "48 小时内发货", "发货到收货（小时）", "7 天内收货",
)  # fmt: skip
DAYS = 14


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Of the orders in reach, as the address asks: days, unit (and below), business line. `format=xlsx`: a workbook."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    asked = _asked(request)
    rows = rows_for(request.user, OrderProfile)
    paths: list[str] = []
    if asked["unit"]:
        paths = paths_of(asked["unit"])
        rows = rows.filter(under(paths))
    if asked["line"]:
        rows = rows.filter(pk__in=SubOrder.objects.filter(line=asked["line"]).values("order_id"))
    found = figures_of(rows, asked["first"], asked["last"], paths)
    tables = _tables(found)
    if request.GET.get("format") == "xlsx":
        if not may(request.user, EXPORT, OrderProfile):
            raise PermissionDenied
        return workbook(request, "o2o_ordering.report", "订单报表", asked, tables)
    return _shown(page, request, asked, found, tables)


def _asked(request: HttpRequest) -> dict[str, Any]:
    line = request.GET.get("line", "")
    return {
        **asked_of(request, DAYS, _("下单自")),
        "line": line if line in BusinessLine.values else "",
    }


def _cells(row: Row) -> tuple[Any, ...]:
    def rate(value: float | None) -> str:
        return "—" if value is None else f"{value}%"

    return (
        row.placed, row.paid, row.shipped, row.received, row.completed, row.closed, row.timeout,
        rate(row.timeout_rate), yuan(row.worth), yuan(row.refunded), "—" if row.ship_hours is None else row.ship_hours,
        rate(row.ship_rate), "—" if row.receive_hours is None else row.receive_hours, rate(row.receive_rate),
    )  # fmt: skip


def _tables(found: Report) -> list[Table]:
    known = directory()
    names = known.names((), [path for path, _row in found.units]) if known is not None else {}
    return [
        Table("按机构（下单时归属）", ("机构", *HEADERS), [(names.get(p, p), *_cells(row)) for p, row in found.units]),
        Table("按业务线", ("业务线", *HEADERS), [(LINES.get(r.name, r.name), *_cells(r)) for r in found.lines]),
        Table("按日", ("日期", *HEADERS), [(row.name, *_cells(row)) for row in reversed(found.days)]),
        Table("关闭原因", ("原因", "订单数"), found.reasons),
    ]  # fmt: skip


def _shown(
    page: Any, request: HttpRequest, asked: dict[str, Any], found: Report, tables: Sequence[Table]
) -> HttpResponse:
    whole = found.whole
    steps = [("下单", whole.placed), ("付款", whole.paid), ("发货", whole.shipped), ("收货", whole.received),
             ("完成", whole.completed)]  # fmt: skip
    context = {
        **page.admin_site.each_context(request),
        "title": _("订单报表"),
        "content_title": _("订单报表"),
        "asked": asked,
        "business_lines": BusinessLine.choices,
        "cards": [
            ("下单", whole.placed, f"已付 {yuan(whole.worth)}"),
            ("付款率", _share(whole.paid, whole.placed), f"{whole.paid} 单已付"),
            ("超时率", _share(whole.timeout, whole.placed), f"{whole.timeout} 单超时未付"),
            ("48 小时发货率", _share(whole.on_time, whole.shipped), f"平均 {_hours(whole.ship_hours)}"),
            ("7 天收货率", _share(whole.taken, whole.received), f"平均 {_hours(whole.receive_hours)}"),
            ("已退金额", yuan(whole.refunded), f"关闭 {whole.closed} 单"),
        ],
        "charts": [
            ("漏斗", "bar", chart([name for name, _n in steps], [("订单数", [n for _name, n in steps], GREEN)]),
             options(horizontal=True)),
            ("每日", "line", chart(
                [row.name[5:] for row in found.days],
                [("下单", [row.placed for row in found.days], GREEN),
                 ("付款", [row.paid for row in found.days], AMBER),
                 ("超时未付", [row.timeout for row in found.days], RED)],
             ), options()),
            ("关闭原因", "bar", chart(
                [name for name, _n in found.reasons], [("订单数", [n for _name, n in found.reasons], GREY)],
             ), options(horizontal=True)),
        ],
        "tables": tables,
        "may_export": may(request.user, EXPORT, OrderProfile),
        "query": request.GET.urlencode(),
    }  # fmt: skip
    return TemplateResponse(request, "o2o_backoffice/report.html", context)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _hours(value: float | None) -> str:
    return "—" if value is None else f"{value:g} 小时"
