"""核销结算报表: who came in where and when, what suppliers are owed, what is earned, and who never came."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce, ExtractHour
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.admin.naming import apart, with_codes
from plugins.ticketing.kernel.choices import Trade
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import below
from saleor_o2o.backoffice.admin.reports import GREEN, asked_of, chart, options, shown
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import SHANGHAI, midnight, now
from saleor_o2o.kernel.scope import policy_for, rows_for

from ...choices import SaleChannel
from ...models import Redemption, Voucher
from ..access import EXPORT, REPORT
from ..choices import UseKind

ZERO = Decimal("0.00")
HOURS = range(24)
SUMS = ("核销人次", "过期未用", "供应商结算", "确认收入")


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Of the days asked for, read from append-only rows. `format=xlsx`: a workbook."""
    user: Any = request.user
    policy = policy_for(Redemption)
    as_file = request.GET.get("format") == "xlsx"
    may_export = policy.may(user, EXPORT, Redemption)
    if not policy.may(user, REPORT, Redemption) or (as_file and not may_export):
        raise PermissionDenied
    asked = asked_of(request, 31, _("自"))
    right = EXPORT if as_file else REPORT
    rows = rows_for(user, Redemption, right).filter(day__gte=asked["first"], day__lte=asked["last"])
    if asked["unit"]:
        rows = rows.filter(below(asked["unit"], "unit__path") | below(asked["unit"], "seller__path"))
    used = rows.exclude(kind=UseKind.EXPIRED)
    total = rows.order_by().aggregate(cost=Sum("cost"), revenue=Sum("revenue"))
    people = used.order_by().aggregate(n=Sum("quantity"))["n"] or 0
    unused = _unused(user, right, asked)
    tables = [
        Table("按产品、票类", ("产品", "票类", *SUMS), _money(rows, "product__name", "ticket_class__name")),
        Table("按供应商", ("供应商", "产品机构", *SUMS), _money(rows, "supplier__name", "seller__name")),
        Table("按场次", ("产品", "场次", *SUMS),
              _money(rows.exclude(session=None), "product__name", "session__starts_at")),
        Table("按售票机构", ("机构", "票种", *SUMS), _by_seller(rows)),
        Table("按渠道", ("渠道", *SUMS), _by_channel(rows)),
        Table("按检票口", ("检票机构", "检票口", *SUMS), _money(rows, "unit__name", "gate__name")),
        Table("未到场（有效期已过）", ("产品", "凭证", "应到", "未到", "未到率"), unused),
    ]  # fmt: skip
    hours = _hours(used)
    cards = [
        (_("核销人次"), people, _("撤销、冲突已扣除")),
        (_("供应商结算"), yuan(total["cost"] or ZERO), _("按核销数量，含过期照付")),
        (_("确认收入"), yuan(total["revenue"] or ZERO), _("票面，未扣优惠")),
        (_("未到场人次"), sum(row[3] for row in unused), ""),
    ]
    charts = [(
        _("各时段入场人次"), "bar",
        chart([f"{hour}时" for hour in HOURS], [(str(_("人次")), [hours.get(hour, 0) for hour in HOURS], GREEN)]),
        options(),
    )]  # fmt: skip
    return shown(
        page, request, "o2o_admission.redemption_report", _("核销结算报表"), asked, tables, cards,
        may_export=may_export, charts=charts if people else (),
    )  # fmt: skip


def _money(rows: Any, *names: str) -> list[tuple[Any, ...]]:
    """Who came, who did not and is paid for or earned nevertheless, and the amounts of both."""
    came, never = ~Q(kind=UseKind.EXPIRED), Q(kind=UseKind.EXPIRED)
    found = rows.order_by(*names).values_list(*with_codes(names)).annotate(
        came=Coalesce(Sum("quantity", filter=came), 0), never=Coalesce(Sum("quantity", filter=never), 0),
        cost=Sum("cost"), revenue=Sum("revenue"),
    )  # fmt: skip
    return [
        (*(_said(one) for one in told[: len(names)]), *told[-4:-2], yuan(told[-2]), yuan(told[-1]))
        for told in apart(found, len(names))
    ]


def _by_seller(rows: Any) -> list[tuple[Any, ...]]:
    labels = {str(value): str(label) for value, label in Trade.choices}
    found = _money(rows, "ticket__ticket_order__unit__name", "ticket__ticket_order__trade")
    return [(unit, labels.get(trade, trade), *more) for unit, trade, *more in found]


def _by_channel(rows: Any) -> list[tuple[Any, ...]]:
    """Where the tickets were sold: as our own inventory was asked; a distributor's own are not told by channel."""
    labels = {str(value): str(label) for value, label in SaleChannel.choices}
    found = _money(rows, "ticket__ticket_order__product__channel")
    return [(labels.get(name, name), *more) for name, *more in found]


def _said(value: Any) -> str:
    if value is None:
        return "—"
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if hasattr(value, "astimezone") else str(value)


def _hours(rows: Any) -> dict[int, int]:
    found = (
        rows.order_by()
        .annotate(hour=ExtractHour("at", tzinfo=SHANGHAI))
        .values_list("hour")
        .annotate(Sum("quantity"))
    )
    return {hour: int(count) for hour, count in found}


def _unused(user: Any, right: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Of what ended in these days: how many were to come, and how many did not."""
    since, until = midnight(asked["first"]), midnight(asked["last"] + timedelta(days=1))
    rows = rows_for(user, Voucher, right).filter(
        valid_until__gt=since, valid_until__lte=min(until, now()), void_at=None, unlimited=False
    )
    if asked["unit"]:
        rows = rows.filter(below(asked["unit"], "product__unit__path"))
    found = (
        rows.order_by("product__name").values_list(*with_codes(["product__name"]))
        .annotate(Count("pk"), Sum("uses"), missing=Sum(F("uses") - F("used")))
    )  # fmt: skip
    return [
        (name, count, uses, left, f"{left * 100 / uses:.1f} %" if uses else "—")
        for name, count, uses, left in apart(found, 1)
    ]
