"""POS 收据: card payments and returns."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import column, link, moment, money

from ..models import PosReceipt


@admin.register(PosReceipt)
class PosReceiptAdmin(ReadOnlyAdmin):
    """Card payments and returns, to be compared with the bank's list."""

    list_display = (
        "number", "c_at", "c_kind", "c_unit", "terminal", "slip", "c_amount", "c_sale", "c_operator",
    )  # fmt: skip
    list_display_links = ("number",)
    list_filter = (("kind", ChoicesDropdownFilter), ("at", titled(RangeDateFilter, "时间")))
    list_filter_submit = True
    list_select_related = ("sale__unit", "operator")
    search_fields = ("number", "terminal", "slip", "sale__number")
    search_help_text = _("收据号、终端号、凭证号、单号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_kind", "c_at", "day", "terminal", "slip", "c_amount", "c_unit", "c_sale",
                "c_operator", "reason",
            ),
        ),
    )  # fmt: skip
    export = Export(
        _("POS 收据"),
        "counter_order.export",
        (
            Cell(_("收据号"), "number"),
            Cell(_("类型"), "get_kind_display"),
            Cell(_("时间"), "at"),
            Cell(_("交易日"), "day"),
            Cell(_("终端号"), "terminal"),
            Cell(_("凭证号"), "slip"),
            Cell(_("金额"), "amount"),
            Cell(_("单号"), "sale__number"),
            Cell(_("机构"), "sale__unit__name"),
            Cell(_("经办人"), "operator__first_name"),
        ),
        related=("sale__unit", "operator"),
    )

    c_at = moment("at", "时间")
    c_unit = column("sale__unit__name", "机构", order=None)
    c_amount = money("amount", "金额")
    c_operator = column("operator__first_name", "经办人", order=None)

    @admin.display(description=_("类型"), ordering="kind")
    def c_kind(self, receipt: PosReceipt) -> str:
        return str(receipt.get_kind_display())

    @admin.display(description=_("柜台销售"))
    def c_sale(self, receipt: PosReceipt) -> Any:
        return link("o2o_counter_sales_countersale", receipt.sale_id, receipt.sale.number)
