"""兑换记录: what was exchanged, and the report of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import below, titled
from saleor_o2o.backoffice.admin.reports import asked_of, shown
from saleor_o2o.backoffice.columns import column, moment, order_link
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import midnight
from saleor_o2o.kernel.scope import rows_for

from ..models import Exchange
from ..permissions import EXPORT, VIEW

DAYS = 30
_HEADERS = ("件数", "退回件数", "净用积分", "净收（元）", "商品价值（元）")


@admin.register(Exchange)
class ExchangeAdmin(ActingAdmin):
    """Of members in reach, and of orders that count for the units in reach."""

    list_display = (
        "c_at", "c_goods", "c_offer", "quantity", "back", "c_points", "c_yuan", "c_member", "c_order", "c_unit",
    )  # fmt: skip
    list_display_links = ("c_at",)
    list_select_related = ("order__o2o_profile", "order_line", "offer", "member", "unit")
    list_filter = (("at", titled(RangeDateFilter, "兑换时间")),)
    list_filter_submit = True
    search_fields = ("=order__o2o_profile__number", "=offer__code", "=member__number")
    search_help_text = _("完整的订单号、兑换编号、会员号")
    ordering = ("-pk",)
    begins = ((_("兑换报表"), "summarize", "report", VIEW),)
    details = (
        (
            None,
            (
                "c_at", "c_goods", "c_offer", "quantity", "back", "c_points", "c_yuan", "c_price", "c_member",
                "c_order", "c_unit",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "兑换记录", EXPORT,
        (
            Cell("兑换时间", "at"), Cell("兑换编号", "offer__code"), Cell("商品", "order_line__product_name"),
            Cell("件数", "quantity"), Cell("退回件数", "back"), Cell("每件积分", "points"),
            Cell("每件另付", "yuan"), Cell("商品单价", "price"), Cell("会员号", "member__number"),
            Cell("订单号", "order__o2o_profile__number"), Cell("归属机构", "unit__name"),
        ),
        related=("offer", "order__o2o_profile", "order_line", "member", "unit"),
    )  # fmt: skip

    c_at = moment("at", "兑换时间")
    c_goods = column("order_line__product_name", "商品", order=None)
    c_offer = column("offer__code", "兑换编号", order=None)
    c_member = column("member__number", "会员号", order=None)
    c_unit = column("unit__name", "归属机构", order="unit__path")
    c_price = column("price", "商品单价", yuan, order=None)

    @admin.display(description=_("积分"))
    def c_points(self, row: Exchange) -> str:
        return f"{row.points * row.stands:,}"

    @admin.display(description=_("另付"))
    def c_yuan(self, row: Exchange) -> str:
        return str(yuan(row.yuan * row.stands))

    @admin.display(description=_("订单"))
    def c_order(self, row: Exchange) -> Any:
        return order_link(row.order)

    def get_urls(self) -> list[Any]:
        return [self.own("report/", self._report, "report"), *super().get_urls()]

    def _report(self, request: HttpRequest) -> HttpResponseBase:
        return report(self, request)


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Pieces, points and yuan of exchanges in reach, over days; `format=xlsx`: a workbook for who may export.

    By the day of the exchange: what came back since is taken off it.
    """
    if not page.has_view_permission(request):
        raise PermissionDenied
    asked = asked_of(request, DAYS, _("兑换自"))
    may_export = request.user.has_perm(EXPORT)
    start, end = midnight(asked["first"]), midnight(asked["last"] + timedelta(days=1))
    rows = rows_for(request.user, Exchange).filter(at__gte=start, at__lt=end)
    if asked["unit"]:
        rows = rows.filter(below(asked["unit"], "unit__path"))
    by_offer = _figures(rows, "offer__code", "order_line__product_name")
    tables = [
        Table("按兑换商品", ("兑换编号", "商品", *_HEADERS), [_cells(row) for row in by_offer]),
        Table("按归属机构", ("归属机构", *_HEADERS), [_cells(row) for row in _figures(rows, "unit__name")]),
    ]
    zero = Decimal("0.00")
    cards = [
        ("兑换件数", sum(row[-5] for row in by_offer), f"退回 {sum(row[-4] for row in by_offer)}"),
        ("净用积分", f"{sum(row[-3] for row in by_offer):,}", ""),
        ("净收", yuan(sum((row[-2] for row in by_offer), zero)), ""),
        ("商品价值", yuan(sum((row[-1] for row in by_offer), zero)), ""),
    ]
    return shown(
        page,
        request,
        "o2o_points_mall.report",
        _("积分兑换报表"),
        asked,
        tables,
        cards,
        may_export=may_export,
    )


def _figures(rows: QuerySet[Exchange], *by: str) -> Sequence[tuple[Any, ...]]:
    """By the values of `by`: pieces, pieces back, points, yuan and worth of what did not come back; one statement."""
    stands = F("quantity") - F("back")
    found = (
        rows.order_by()
        .values_list(*by)
        .annotate(
            pieces=Sum("quantity"), gone=Sum("back"), net_points=Sum(F("points") * stands),
            net_yuan=Sum(F("yuan") * stands), worth=Sum(F("price") * stands),
        )
        .order_by("-net_points", *by)
    )  # fmt: skip
    return list(found)


def _cells(row: tuple[Any, ...]) -> tuple[Any, ...]:
    *names, pieces, gone, points, money, worth = row
    return (*names, pieces, gone, points, yuan(money), yuan(worth))
