"""渠道对账单: per reseller what there was, came in, was bought, went back, and is left; read from append-only rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import below
from saleor_o2o.backoffice.admin.reports import asked_of, shown
from saleor_o2o.backoffice.columns import at
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..access import EXPORT, REPORT
from ..models import ResellerEntry
from ..selectors import classes_sold, statements

ZERO = Decimal("0.00")
_MOST = 5000


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """The days that were asked for, this month's last thirty without being asked. Flat in statements."""
    user: Any = request.user
    policy = policy_for(ResellerEntry)
    as_file = request.GET.get("format") == "xlsx"
    may_export = policy.may(user, EXPORT, ResellerEntry)
    if not policy.may(user, REPORT, ResellerEntry) or (as_file and not may_export):
        raise PermissionDenied
    asked = asked_of(request, 31, _("自"))
    rows = rows_for(user, ResellerEntry, EXPORT if as_file else REPORT)
    if asked["unit"]:
        rows = rows.filter(below(asked["unit"], "reseller__unit__path"))
    found = statements(rows, asked["first"], asked["last"])
    within = rows.filter(day__gte=asked["first"], day__lte=asked["last"]).select_related("reseller")
    tables = [
        Table(
            str(_("按分销商")), ("分销商", "期初", "充值", "购票", "未成退回", "退票", "调账", "期末"),
            [
                (one.name, *(yuan(value) for value in (
                    one.opening, one.top_up, one.order, one.release, one.refund, one.adjust, one.closing,
                )))
                for one in found
            ],
        ),
        Table(
            str(_("按产品、票类")), ("分销商", "产品", "票类", "售出张数", "渠道价合计", "应付景区（按票）", "已退"),
            [
                (name, title, fare, count, yuan(price), yuan(cost), back)
                for name, title, fare, count, price, cost, back in classes_sold(within)
            ],
        ),
        Table(
            str(_("明细")), ("时间", "分销商", "类别", "金额", "余额", "业务单号", "摘要"),
            [
                (at(one.at), one.reseller.name, one.get_kind_display(), yuan(one.amount), yuan(one.after),
                 one.reference, one.words)
                for one in within.order_by("reseller__name", "pk")[:_MOST]
            ],
        ),
    ]  # fmt: skip
    cards = [
        (_("期初余额"), yuan(sum((one.opening for one in found), ZERO)), ""),
        (_("充值"), yuan(sum((one.top_up for one in found), ZERO)), ""),
        (
            _("购票净额"),
            yuan(-sum((one.order + one.release + one.refund for one in found), ZERO)),
            _("已扣退票"),
        ),
        (
            _("期末余额"),
            yuan(sum((one.closing for one in found), ZERO)),
            _("应付景区按核销结算，见核销结算报表"),
        ),
    ]
    return shown(
        page, request, "o2o_resale.statement", _("渠道对账单"), asked, tables, cards, may_export=may_export
    )
