"""渠道价: every price that was set, the newest first; set on a reseller's page."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.columns import column, link_to, moment, money

from ..models import ResellerPrice


@admin.register(ResellerPrice)
class ResellerPriceAdmin(ReadOnlyAdmin):
    """What resellers pay, by class and day; of rows for one day the newest counts."""

    list_display = (
        "c_class",
        "c_reseller",
        "c_price",
        "c_usual",
        "c_first",
        "c_last",
        "reason",
        "c_by",
        "c_made",
    )
    list_display_links = ("c_class",)
    list_select_related = ("reseller", "ticket_class__product", "made_by")
    search_fields = ("reseller__name", "ticket_class__product__name", "ticket_class__name")
    search_help_text = _("分销商、产品、票类")
    ordering = ("-pk",)
    details = (
        (
            None,
            ("c_class", "c_reseller", "c_price", "c_usual", "c_first", "c_last", "reason", "c_by", "c_made"),
        ),
    )

    c_class = column("ticket_class", "票类", order=None)
    c_reseller = link_to("reseller", "分销商", "o2o_resale_reseller")
    c_price = money("price", "渠道价")
    c_usual = money("ticket_class__price", "售价")
    c_first = column("first_day", "开始日期")
    c_last = column("last_day", "结束日期")
    c_by = column("made_by__first_name", "设置人", order=None)
    c_made = moment("made_at", "设置时间")
