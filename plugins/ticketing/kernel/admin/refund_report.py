"""退票统计: refunds by trade, line, supplier, unit and whoever did it, with what is 与客户 and 与采购."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, F, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import below
from saleor_o2o.backoffice.admin.reports import RED, asked_of, chart, options, shown
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import SHANGHAI, days_drawn, midnight
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..access import EXPORT, REPORT
from ..choices import IN_VAIN, RefundState, Trade
from ..models import RefundItem, RefundRequest
from .naming import by_product, called, told_apart

ZERO = Decimal("0.00")
#: Refunds that are decided: the tickets are gone, and the money is on its way or there.
DECIDED = frozenset({RefundState.PAYING, RefundState.DONE})
#: Who asked for it: an employee by name, a shopper by what he is; the system is nobody.
ASKED_BY = Case(
    When(refund__asked_by=None, then=Value("")),
    When(refund__asked_by__is_staff=True, then=F("refund__asked_by__first_name")),
    default=Value("客户本人"),
)
#: The employee's number; of a shopper nothing: all of them are one row.
NUMBER_OF = Case(When(refund__asked_by__is_staff=True, then=F("refund__asked_by__o2o_staff__employee_no")))
#: By what is counted: title, heading, where it is from an item (None: by what was sold), and what tells two of one name
#: apart.
PIVOTS: tuple[tuple[str, str, Any, Any], ...] = (
    ("按票种", "票种", F("refund__ticket_order__trade"), None),
    ("按线路（产品）", "线路（产品）", None, None),
    (
        "按采购来源",
        "供应商",
        F("refund__ticket_order__supplier__name"),
        F("refund__ticket_order__supplier__code"),
    ),
    ("按受理机构", "机构", F("refund__unit__name"), F("refund__unit__code")),
    ("按经办人", "经办人", ASKED_BY, NUMBER_OF),
)
SUMS = (
    "face", "airport", "fuel", "station", "discount", "service", "fee", "due", "back", "supplier_due", "supplier_back",
)  # fmt: skip
HEADERS = (
    "张数", "客户：票面", "其中机建", "其中燃油", "其中站务费", "优惠", "服务费", "手续费", "应退", "实退",
    "采购：应退", "实退", "差额",
)  # fmt: skip
#: Tables that are drawn too, with the words above it; bars of a chart.
MOST = {
    "按票种": _("各票种退票（张）"), "按线路（产品）": _("退票最多的线路（产品）"), "按受理机构": _("退票最多的机构"),
}  # fmt: skip
TOP = 10


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Of the days asked for, by the day of asking: what is decided; what still waits for a word is one figure apart.

    `format=xlsx`: a workbook.
    """
    user: Any = request.user
    policy = policy_for(RefundRequest)
    may_export = policy.may(user, EXPORT, RefundRequest)
    as_file = request.GET.get("format") == "xlsx"
    if not policy.may(user, REPORT, RefundRequest) or (as_file and not may_export):
        raise PermissionDenied
    asked = asked_of(request, 31, _("自"))
    asked_for = rows_for(user, RefundItem, EXPORT if as_file else REPORT).filter(
        kept=False,
        refund__asked_at__gte=midnight(asked["first"]),
        refund__asked_at__lt=midnight(asked["last"] + timedelta(days=1)),
    )
    if asked["unit"]:
        asked_for = asked_for.filter(below(asked["unit"], "refund__unit__path"))
    items = asked_for.filter(refund__state__in=DECIDED)
    waiting = asked_for.exclude(refund__state__in=DECIDED | IN_VAIN).aggregate(
        count=Count("pk"), due=Sum("due")
    )
    tables = [_pivot(items, *one) for one in PIVOTS]
    total = items.aggregate(**{f"sum_{name}": Sum(name) for name in SUMS}, count=Count("pk"))
    told = {name: total[f"sum_{name}"] or ZERO for name in SUMS}
    cards = [
        (_("退票"), str(total["count"]), _("张（次）")),
        (_("应退客户"), yuan(told["due"]), _("实退 %(back)s") % {"back": yuan(told["back"])}),
        (_("手续费"), yuan(told["fee"]), ""),
        (_("供应商应退"), yuan(told["supplier_due"]), _("实退 %(back)s") % {"back": yuan(told["supplier_back"])}),
        (
            _("尚在办理，未计入"), str(waiting["count"]),
            _("张（次），应退 %(due)s") % {"due": yuan(waiting["due"] or ZERO)},
        ),
    ]  # fmt: skip
    return shown(
        page, request, "o2o_ticketing.refunds", _("退票统计"), asked, tables, cards, may_export=may_export,
        charts=_charts(items, tables, asked["first"], asked["last"]) if total["count"] else (),
    )  # fmt: skip


def _charts(items: Any, tables: Sequence[Table], first: date, last: date) -> list[tuple[Any, str, str, str]]:
    """Every day of a span of a year or less, else those with any; then who and what is given back most."""
    told = items.order_by().annotate(on=TruncDate("refund__asked_at", tzinfo=SHANGHAI))
    found = dict.fromkeys(days_drawn(first, last), 0)
    found |= dict(told.values_list("on").annotate(Count("pk")).order_by("on"))
    counts = [(str(_("张数")), list(found.values()), RED)]
    return [
        (_("每天退票（张）"), "bar", chart([f"{day:%m-%d}" for day in found], counts), options()),
        *((MOST[one.title], "bar", *_bars(one)) for one in tables if one.title in MOST),
    ]


def _bars(table: Table) -> tuple[str, str]:
    """The first of a table by what is given back."""
    top = sorted(table.rows, key=lambda row: -row[1])[:TOP]
    return chart([row[0] for row in top], [(str(_("张数")), [row[1] for row in top], RED)]), options(
        horizontal=True
    )


def _pivot(items: Any, title: str, heading: str, path: Any, of: Any) -> Table:
    trades = {value: str(label) for value, label in Trade.choices}
    sums = {"count": Count("pk"), **{f"sum_{one}": Sum(one) for one in SUMS}}
    if path is None:
        found = called(by_product(items, "ticket", "refund__ticket_order").annotate(**sums))
    else:
        told = {"name": Coalesce(path, Value("")), "of": Coalesce(of or Value(""), Value(""))}
        found = told_apart(items.order_by().annotate(**told).values("name", "of").annotate(**sums))
    rows: dict[str, dict[str, Any]] = defaultdict(lambda: {"count": 0, **dict.fromkeys(SUMS, ZERO)})
    for one in found:
        row = rows[trades.get(one["name"], one["name"]) or str(_("系统"))]
        row["count"] += one["count"]
        for key in SUMS:
            row[key] += one[f"sum_{key}"] or ZERO
    lines = [
        (
            name,
            row["count"],
            *(yuan(row[key]) for key in SUMS),
            yuan(row["supplier_due"] - row["supplier_back"]),
        )
        for name, row in sorted(rows.items())
    ]
    return Table(title, (heading, *HEADERS), lines)
