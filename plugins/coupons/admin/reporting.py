"""核销报表: what coupons cost whom, over days; as tables and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import below
from saleor_o2o.backoffice.admin.reports import GREEN, asked_of, chart, options, shown
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.scope import rows_for

from ..figures import Row, redeemed
from ..models import CouponEntry
from ..permissions import EXPORT

DAYS = 30
_HEADERS = ("用券张数", "核销金额", "退回金额", "净核销", "平台承担", "机构承担", "商户承担")


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Of the entries in reach. `format=xlsx`: a workbook, for whoever may take rows out."""
    asked = asked_of(request, DAYS, _("核销自"))
    entries = rows_for(request.user, CouponEntry)
    if asked["unit"]:
        entries = entries.filter(below(asked["unit"], "order__o2o_attribution__unit__path"))
    by_template = redeemed(entries, asked["first"], asked["last"])
    by_seller = redeemed(entries, asked["first"], asked["last"], "seller__name")
    by_unit = redeemed(entries, asked["first"], asked["last"], "coupon__template__owner__name")
    tables = [
        Table("按优惠券", ("优惠券", *_HEADERS), [_cells(row) for row in by_template]),
        Table("按发放机构", ("发放机构", *_HEADERS), [_cells(row) for row in by_unit]),
        Table("按销售方（— 为自营与运费）", ("销售方", *_HEADERS), [_cells(row) for row in by_seller]),
    ]
    may_export = request.user.has_perm(EXPORT)
    charts = [
        (
            "净核销",
            "bar",
            chart(
                [row.name for row in by_template[:12]],
                [("元", [row.net for row in by_template[:12]], GREEN)],
            ),
            options(horizontal=True, in_yuan=True),
        )
    ]
    return shown(
        page, request, "o2o_coupons.report", _("优惠券核销报表"), asked, tables, _cards(by_template),
        may_export=may_export, charts=charts,
    )  # fmt: skip


def _cells(row: Row) -> tuple[Any, ...]:
    money = (row.used, row.back, row.net, row.platform, row.unit, row.merchant)
    return (row.name, row.coupons, *map(yuan, money))


def _cards(rows: Sequence[Row]) -> list[tuple[str, Any, str]]:
    def whole(name: str) -> Decimal:
        return sum((getattr(row, name) for row in rows), Decimal("0.00"))

    return [
        ("用券", sum(row.coupons for row in rows), "张"),
        ("净核销", yuan(whole("net")), f"退回 {yuan(whole('back'))}"),
        ("平台承担", yuan(whole("platform")), ""),
        ("机构承担", yuan(whole("unit")), ""),
        ("商户承担", yuan(whole("merchant")), ""),
    ]
