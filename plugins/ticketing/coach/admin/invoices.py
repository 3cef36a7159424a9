"""汽车票发票: what buyers want, for finance to issue."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.columns import badge, column, moment, money

from ..choices import InvoiceState
from ..models import CoachInvoice

STATE = dict(InvoiceState.choices)


@admin.register(CoachInvoice)
class CoachInvoiceAdmin(ReadOnlyAdmin):
    """Invoices of the units' orders in reach."""

    list_display = ("number", "c_kind", "c_state", "c_order", "title", "c_amount", "c_at")
    list_display_links = ("number",)
    list_select_related = ("ticket_order",)
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    search_fields = ("number", "ticket_order__number")
    search_help_text = _("申请号、票务订单号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number",
                "c_kind",
                "c_state",
                "c_order",
                "title",
                "tax_number",
                "c_amount",
                "c_red",
                "c_at",
                "why",
            ),
        ),
    )

    c_kind = column("get_kind_display", "种类", lambda show: show(), order="kind")
    c_order = column("ticket_order__number", "票务订单", order=None)
    c_amount = money("amount", "金额")
    c_red = column("red_of__number", "冲红的发票", order=None)
    c_at = moment("asked_at", "申请时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: CoachInvoice) -> Any:
        return badge(row.state, STATE)
