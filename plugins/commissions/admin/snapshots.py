"""订单佣金: what orders remember, explained line by line."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus
from saleor.order.models import Order
from unfold.contrib.filters.admin import RangeDateFilter

from plugins.org_hierarchy.interfaces import OrderAttribution
from saleor_o2o.backoffice import models as pages
from saleor_o2o.backoffice.admin.filters import choice, titled
from saleor_o2o.backoffice.columns import badge, column, link_to, moment
from saleor_o2o.backoffice.doors import add_doors, door
from saleor_o2o.kernel.errors import DomainError

from ..access import VIEW
from ..channel_types import CHANNEL_TYPES, channel_label
from ..choices import Rank, SettlementState
from ..explaining import explain_order
from ..models import CommissionSnapshot
from .calculator import tree_of
from .pages import BUSINESS, OwnPagesAdmin, address, button, need, page, row_or_404, with_buttons

STATES: dict[str, Any] = dict(SettlementState.choices)


def explain_page(model_admin: Any, request: HttpRequest, order_pk: int) -> HttpResponse:
    """Why each place gets what it gets for an order."""
    need(request, VIEW)
    order = row_or_404(request, Order, order_pk)
    explained, problem = None, ""
    try:
        explained = explain_order(order)
    except DomainError as error:
        problem = f"{error.message}。{error.hint or ''}"
    lines = [
        (line, BUSINESS.get(line.business, line.business), tree_of(line.result))
        for line in (explained.lines if explained else ())
    ]
    places = [
        (Rank(rank).label, name, amount)
        for rank, _key, name, amount in (explained.places() if explained else ())
    ]
    return page(
        model_admin, request, "explain.html", _("订单 #%(order)s 的佣金") % {"order": order.pk}, order=order,
        explained=explained, lines=lines, places=places, problem=problem,
        state=badge(explained.snapshot.state, STATES) if explained else "",
        back=address("commissionsnapshot_changelist"), media=model_admin.media,
    )  # fmt: skip


def _doors(request: HttpRequest, order: Any) -> list[Any]:
    """On from an order's own pages to who gets what of it, and why."""
    user: Any = request.user
    saleor: Order = order if isinstance(order, Order) else order.order
    if saleor.status == OrderStatus.DRAFT or not user.has_perm(VIEW):
        return []
    if not OrderAttribution.objects.filter(order=saleor.pk).exists():
        return []
    return [door(_("佣金说明"), "account_tree", address("explain", saleor.pk))]


# ordering stands above: its page is named through the registry
for _model in (pages.Order, apps.get_model("o2o_ordering", "OrderProfile")):
    add_doors(_model, _doors)


@admin.register(CommissionSnapshot)
class CommissionSnapshotAdmin(OwnPagesAdmin):
    """Orders with what they remember of commissions; whoever sees the order sees this."""

    pages = (("explain/<int:order_pk>/", "explain", explain_page),)
    list_display = ("number", "c_unit", "c_channel", "c_code", "c_day", "state_", "c_taken")
    list_display_links = ("number",)
    list_select_related = ("unit",)
    list_filter = (
        choice("state", "结算状态", STATES),
        choice("channel_type", "渠道类型", CHANNEL_TYPES),
        ("on_date", titled(RangeDateFilter, "适用日期")),
    )
    list_filter_submit = True
    search_fields = ("=order__pk", "=channel_code")
    search_help_text = _("订单号、渠道代码")
    details = ((None, ("number", "c_order", "c_unit", "c_channel", "c_code", "c_day", "state_", "c_taken")),)

    c_order = link_to("order", "订单", "o2o_backoffice_order", lambda order: f"#{order.pk}")
    c_unit = column("unit__name", "归属机构", order="unit__path")
    c_channel = column("channel_type", "渠道类型", channel_label)
    c_code = column("channel_code", "渠道代码")
    c_day = column("on_date", "适用日期")
    c_taken = moment("taken_at", "记录时间")

    @admin.display(description=_("订单号"), ordering="pk")
    def number(self, row: CommissionSnapshot) -> str:
        return f"#{row.pk}"

    @admin.display(description=_("结算状态"), ordering="state")
    def state_(self, row: CommissionSnapshot) -> Any:
        return badge(row.state, STATES)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:  # fmt: skip
        response = super().change_view(request, object_id, form_url, extra_context)
        row = (getattr(response, "context_data", None) or {}).get("original")
        user: Any = request.user
        if row is None or not user.has_perm(VIEW):
            return response
        buttons = [button(_("逐行说明"), "account_tree", address("explain", row.pk), strong=True)]
        return with_buttons(response, "actions_detail", buttons)
