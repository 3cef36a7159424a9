"""What reports share: the days that were asked for, charts, and the tables as a workbook that is written down."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now, today

from .base import Table
from .export import EXPORTED, XLSX_TYPE, written
from .filters import told

_AMOUNT = re.compile(r"-?¥[0-9,]+\.[0-9]{2}")
#: Characters of a chart's name in a line, and its lines at most.
_LINE, _LINES = 9, 3
#: The colours of charts: what came in or was done; what waits; what went back or amiss; what is compared with it.
GREEN, AMBER, RED, BLUE, GREY = "#00854a", "#d97706", "#dc2626", "#2563eb", "#9ca3af"
_QUIET = {"color": GREY}
#: How a chart writes money, on its axis and where the mouse points: `-¥13.80`.
_YUAN = {**_QUIET, "format": {"style": "currency", "currency": "CNY"}}


def asked_of(request: HttpRequest, days: int, from_label: Any, *, by_unit: bool = True) -> dict[str, Any]:
    """What an address asks for: `first` and `last` day, both included (without them the last `days`), and a `unit`, by
    which and below which (`filters.below`) the report shows; `by_unit` False: it has none, and the page asks for none.

    `from_label`: what the page calls the first day.
    """
    last = _day(request.GET.get("last", ""), today())
    first = _day(request.GET.get("first", ""), last - timedelta(days=days - 1))
    unit = told(request.GET.get("unit"))[:40]
    found = {"first": min(first, last), "last": last, "from_label": from_label}
    return {**found, "unit": unit} if by_unit else found


def chart(labels: Sequence[str], sets: Sequence[tuple[str, Sequence[Any], str]]) -> str:
    """The data of a chart: sets of a name, values and a colour. Empty where there is nothing to draw."""
    if not labels:
        return ""
    data = [
        {"label": name, "data": [float(value) for value in values], "backgroundColor": colour, "borderColor": colour,
         "borderRadius": 6, "maxBarThickness": 26, "borderWidth": 2, "pointRadius": 2, "tension": 0}
        for name, values, colour in sets
    ]  # fmt: skip
    return json.dumps({"labels": [_lines(label) for label in labels], "datasets": data}, ensure_ascii=False)


def _lines(label: str) -> str | list[str]:
    """A long name in lines, which a chart would cut off at its border: what a narrow card has room for."""
    if len(label) <= _LINE:
        return label
    cut = [label[at : at + _LINE] for at in range(0, len(label), _LINE)]
    return cut if len(cut) <= _LINES else [*cut[: _LINES - 1], cut[_LINES - 1][:-1] + "…"]


def options(*, horizontal: bool = False, in_yuan: bool = False) -> str:
    """How a chart looks; its values are counts, or yuan."""
    ticks = _YUAN if in_yuan else {**_QUIET, "precision": 0}
    most = 3 if horizontal else 9
    value = {
        "beginAtZero": True,
        "suggestedMax": 5,
        "ticks": {**ticks, "maxRotation": 0, "maxTicksLimit": most},
    }
    # lying bars: every name is told, however narrow the card
    names = {"autoSkip": False} if horizontal else {"autoSkipPadding": 12}
    name = {"grid": {"display": False}, "ticks": {**_QUIET, "maxRotation": 0, **names}}
    return json.dumps(
        {
            "locale": "zh-CN",
            "maintainAspectRatio": False,
            "animation": False,
            "indexAxis": "y" if horizontal else "x",
            "plugins": {"legend": {"display": not horizontal, "align": "end", "labels": _QUIET}},
            "scales": {"x": value, "y": name} if horizontal else {"x": name, "y": value},
        }
    )


def shown(
    page: Any,
    request: HttpRequest,
    name: str,
    title: Any,
    asked: Mapping[str, Any],
    tables: Sequence[Table],
    cards: Sequence[tuple[Any, Any, Any]],
    *,
    may_export: bool,
    charts: Sequence[tuple[Any, str, str, str]] = (),
    **more: Any,
) -> HttpResponseBase:
    """A report as a page of the back office's `page`; with `format=xlsx` its tables as a workbook, audited as `name`.

    `more`: what else its template is given. Raises PermissionDenied for a workbook without `may_export`.
    """
    if request.GET.get("format") == "xlsx":
        if not may_export:
            raise PermissionDenied
        return workbook(request, name, str(title), asked, tables)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": title,
        "asked": asked,
        "cards": cards,
        "charts": charts,
        "tables": tables,
        "may_export": may_export,
        **more,
    }
    return TemplateResponse(request, "o2o_backoffice/report.html", context)


def workbook(
    request: HttpRequest, page: str, title: str, asked: Mapping[str, Any], tables: Sequence[Table]
) -> FileResponse:
    """The tables, a sheet each, with a line that says who took them out and the number of the audit entry."""
    user: Any = request.user
    entry = audit.record(
        EXPORTED,
        after={
            "page": page, "filters": {key: str(value) for key, value in asked.items() if key != "from_label"},
            "rows": sum(len(table.rows) for table in tables), "format": "xlsx", "unmasked": False,
        },
    )  # fmt: skip
    book = Workbook(write_only=True)
    span = f"{asked['first']} 至 {asked['last']}"
    mark = f"内部资料 {title} {span} 导出人：{user.get_username()} 审计号：{entry.pk}"
    for table in tables:
        sheet = book.create_sheet(table.title[:31])
        sheet.append([mark])
        sheet.append(list(table.headers))
        for row in table.rows:
            sheet.append([_cell(sheet, cell) for cell in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    name = f"{title}-{now():%Y%m%d-%H%M%S}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)


def _cell(sheet: Any, told: Any) -> Any:
    """A cell as the page tells it; an amount is a number, so that it can be added up."""
    if not isinstance(told, str) or not _AMOUNT.fullmatch(told):
        return written(told)
    cell = WriteOnlyCell(sheet, value=Decimal(told.replace("¥", "").replace(",", "")))
    cell.number_format = "¥#,##0.00;-¥#,##0.00"
    return cell


def _day(text: str, default: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return default
    return found if 2000 <= found.year <= 2999 else default
