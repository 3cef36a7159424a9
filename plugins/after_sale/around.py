"""What the member's page shows of after-sales and complaints."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.customers import MOST, register_customer_part
from saleor_o2o.kernel.scope import rows_for

from .models import AfterSale, Complaint


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_part("after_sale.sales", _sales)
    register_customer_part("after_sale.complaints", _complaints)


def _sales(request: HttpRequest, user: Any) -> Any:
    from saleor_o2o.backoffice.admin.base import Table
    from saleor_o2o.backoffice.columns import at, link
    from saleor_o2o.backoffice.labels import yuan

    found = rows_for(request.user, AfterSale).filter(customer=user).order_by("-pk")[:MOST]
    rows = [
        (link("o2o_after_sale_aftersale", one.pk, one.number), at(one.created_at), one.get_kind_display(),
         one.get_state_display(), yuan(one.amount))
        for one in found
    ]  # fmt: skip
    return Table(_("售后"), (_("单号"), _("时间"), _("类型"), _("状态"), _("金额")), rows) if rows else None


def _complaints(request: HttpRequest, user: Any) -> Any:
    from saleor_o2o.backoffice.admin.base import Table
    from saleor_o2o.backoffice.columns import at, link

    found = rows_for(request.user, Complaint).filter(customer=user).order_by("-pk")[:MOST]
    rows = [
        (link("o2o_after_sale_complaint", one.pk, one.number), at(one.created_at), one.get_topic_display(),
         one.get_state_display())
        for one in found
    ]  # fmt: skip
    return Table(_("投诉"), (_("单号"), _("时间"), _("主题"), _("状态")), rows) if rows else None
