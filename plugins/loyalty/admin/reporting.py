"""积分负债 and 机构清算: what accountants ask for at the end of a month, read from the ledger alone."""

from __future__ import annotations

import calendar
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.reports import asked_of, shown
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import midnight, today
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..models import Entry
from ..permissions import EXPORT, REPORT
from ..rules import rate_in_force
from ..selectors import liabilities, settlements


def liability_view(page: Any, request: HttpRequest) -> HttpResponseBase:
    """By issuing unit, at the end of the last day asked for: issued, used, expired, out, and its worth."""
    asked, units, takes_out = _asked(request, 1)
    until = midnight(asked["last"] + timedelta(days=1))
    found = liabilities(units, until)
    names = dict(OrgUnit.objects.filter(pk__in=[row.unit_id for row in found]).values_list("pk", "name"))
    rate = rate_in_force(until - timedelta(microseconds=1))
    rows = [
        (names[row.unit_id], *(f"{value:,.0f}" for value in (row.issued, row.used, row.expired, row.out)),
         yuan(_worth(row.out, rate)))
        for row in found
    ]  # fmt: skip
    sums = [
        sum((getattr(row, name) for row in found), Decimal(0))
        for name in ("issued", "used", "expired", "out")
    ]
    rows.append((str(_("合计")), *(f"{value:,.0f}" for value in sums), yuan(_worth(sums[3], rate))))
    headers = ("发放机构", "累计发放（减收回）", "已使用", "已过期", "未使用", "按清算价折合")
    tables = [Table(str(_("积分负债")), headers, rows)]
    cards = [
        (_("未使用积分"), f"{sums[3]:,.0f}", _("截至 %(day)s") % {"day": asked["last"]}),
        (_("折合"), yuan(_worth(sums[3], rate)), _("每百分 %(rate)s 元") % {"rate": f"{rate.normalize():f}"}),
    ]
    return shown(
        page, request, "o2o_loyalty.report", _("积分负债"), asked, tables, cards, may_export=takes_out
    )


def settlement_view(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Of a month (or the days asked for): who pays whom, for how many points and for balances."""
    asked, units, takes_out = _asked(request, 0)
    first, until = midnight(asked["first"]), midnight(asked["last"] + timedelta(days=1))
    found = settlements(units, first, until)
    keys = {row.debtor for row in found} | {row.creditor for row in found}
    names = dict(OrgUnit.objects.filter(pk__in=keys).values_list("pk", "name"))
    rows = [
        (names[row.debtor], names[row.creditor], f"{row.points:,.0f}", yuan(row.amount - row.stored), yuan(row.stored),
         yuan(row.amount))
        for row in found
    ]  # fmt: skip
    own = set(units.filter(pk__in=keys).values_list("pk", flat=True))
    nets = []
    for key in sorted(own, key=lambda one: names[one]):
        gets = sum((row.amount for row in found if row.creditor == key), Decimal(0))
        pays = sum((row.amount for row in found if row.debtor == key), Decimal(0))
        nets.append((names[key], yuan(gets), yuan(pays), yuan(gets - pays)))
    tables = [
        Table(str(_("各机构净额")), ("机构", "应收", "应付", "净额"), nets),
        Table(
            str(_("机构之间")),
            ("付款机构（发放、充值）", "收款机构（兑付）", "积分", "积分清算", "储值清算", "金额"),
            rows,
        ),
    ]
    whole = sum((row.amount for row in found), Decimal(0))
    cards = [(_("清算金额"), yuan(whole), f"{asked['first']} 至 {asked['last']}")]
    return shown(
        page, request, "o2o_loyalty.report", _("机构清算"), asked, tables, cards, may_export=takes_out
    )


def _asked(request: HttpRequest, days: int) -> tuple[dict[str, Any], Any, bool]:
    """The days (without them a month's: `month=2026-11`, else the current one), the units in reach, taking out."""
    user: Any = request.user
    policy = policy_for(Entry)
    if not policy.may(user, REPORT, Entry):
        raise PermissionDenied
    takes_out = policy.may(user, EXPORT, Entry)
    as_file = request.GET.get("format") == "xlsx"
    if as_file and not takes_out:
        raise PermissionDenied
    asked = asked_of(request, days or 31, _("自"))
    if not days and "first" not in request.GET:
        told = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", request.GET.get("month", ""))
        day = today().replace(day=1)
        if told:
            day = day.replace(year=int(told[1]), month=int(told[2]))
        last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        asked |= {"first": day, "last": asked["last"] if "last" in request.GET else last}
    units = rows_for(user, OrgUnit, EXPORT if as_file else REPORT)
    if asked["unit"]:
        path = OrgUnit.objects.filter(code=asked["unit"].upper()).values_list("path", flat=True).first()
        units = units.filter(path__startswith=path) if path else units.none()
    return asked, units.order_by(), takes_out


def _worth(points: Decimal, per_hundred: Decimal) -> Decimal:
    return (points * per_hundred / 100).quantize(Decimal("0.01"))
