"""核销明细 and 核销结算报表."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import badge, column, link_to, moment, money

from ...models import Redemption
from ..access import EXPORT, REPORT
from ..choices import UseKind
from .reporting import report

KIND = dict(UseKind.choices)


@admin.register(Redemption)
class RedemptionAdmin(ActingAdmin):
    """What was redeemed, taken back, or never used, of the products and gates in reach."""

    begins = ((_("核销结算报表"), "monitoring", "report", REPORT),)
    list_display = (
        "c_at", "c_kind", "c_product", "c_class", "c_ticket", "quantity", "c_cost", "c_revenue", "c_unit", "c_gate",
    )  # fmt: skip
    list_display_links = ("c_at",)
    list_select_related = (
        "product", "ticket_class", "ticket", "unit", "seller", "gate", "supplier", "session", "scan",
        "voucher", "operator",
    )  # fmt: skip
    list_filter = (("kind", ChoicesDropdownFilter), ("day", titled(RangeDateFilter, "日期")), "product")
    list_filter_submit = True
    search_fields = ("voucher__number", "ticket__number")
    search_help_text = _("凭证号、票号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_at", "c_kind", "c_product", "c_class", "c_session", "c_ticket", "c_voucher", "quantity", "c_cost",
                "c_revenue", "c_supplier", "c_unit", "c_seller", "c_gate", "c_scan", "c_by", "reason",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "核销明细", EXPORT,
        (
            Cell("日期", "day"), Cell("时间", "at"), Cell("类别", lambda row: row.get_kind_display()),
            Cell("产品", "product__name"), Cell("票类", "ticket_class__name"), Cell("票号", "ticket__number"),
            Cell("人次", "quantity"), Cell("供应商结算（元）", "cost"), Cell("确认收入（元）", "revenue"),
            Cell("供应商", "supplier__name"), Cell("检票机构", "unit__name"), Cell("产品机构", "seller__name"),
        ),
        related=("product", "ticket_class", "ticket", "supplier", "unit", "seller"),
    )  # fmt: skip

    c_at = moment("at", "时间")
    c_product = column("product__name", "产品")
    c_class = column("ticket_class__name", "票类", order=None)
    c_session = column("session__name", "场次", order=None)
    c_ticket = column("ticket__number", "票号")
    c_voucher = link_to("voucher", "凭证", "o2o_admission_voucher")
    c_scan = link_to("scan", "检票记录", "o2o_admission_scan")
    c_cost = money("cost", "供应商结算")
    c_revenue = money("revenue", "确认收入")
    c_supplier = column("supplier__name", "供应商", order=None)
    c_unit = column("unit__name", "检票机构", order="unit__path")
    c_seller = column("seller__name", "产品机构", order="seller__path")
    c_gate = column("gate__name", "检票口", order=None)
    c_by = column("operator__first_name", "经办人", order=None)

    @admin.display(description=_("类别"), ordering="kind")
    def c_kind(self, row: Redemption) -> Any:
        return badge(row.kind, KIND)

    def get_urls(self) -> list[Any]:
        return [self.own("report/", self.report_view, "report"), *super().get_urls()]

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """By product, session, channel, gate and hour."""
        return report(self, request)
