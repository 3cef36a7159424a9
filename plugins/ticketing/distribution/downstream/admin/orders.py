"""分销订单: what resellers ordered, how far it is, what they were told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.columns import at, badge, column, link_to, moment, money
from saleor_o2o.kernel.scope import rows_for

from ..choices import BuyState, NoticeState
from ..models import ResellerNotice, ResellerOrder

STATES: dict[str, Any] = dict(BuyState.choices)
NOTICES: dict[str, Any] = dict(NoticeState.choices)


@admin.register(ResellerOrder)
class ResellerOrderAdmin(ReadOnlyAdmin):
    """Orders of resellers in reach. Refunds and redemptions are the ticket order's."""

    list_display = (
        "number", "c_reseller", "their_number", "c_state", "c_total", "c_ticket", "told_used", "told_back", "c_made",
        "why",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("reseller", "ticket_order")
    list_filter = (choice("state", "状态", STATES),)
    search_fields = ("number", "their_number", "ticket_order__number", "reseller__name")
    search_help_text = _("分销单号、渠道订单号、票务订单号、分销商")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_reseller", "their_number", "c_state", "c_total", "c_ticket", "c_title", "told_used",
                "told_back", "code", "why", "c_made",
            ),
        ),
    )  # fmt: skip

    c_reseller = link_to("reseller", "分销商", "o2o_resale_reseller")
    c_ticket = link_to("ticket_order", "票务订单", "o2o_ticketing_ticketorder")
    c_title = column("ticket_order__title", "内容", order=None)
    c_total = money("total", "金额")
    c_made = moment("made_at", "下单时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: ResellerOrder) -> Any:
        return badge(row.state, STATES)

    def tables(self, request: HttpRequest, obj: ResellerOrder) -> Sequence[Table]:
        told = rows_for(request.user, ResellerNotice).filter(
            reseller=obj.reseller_id, subject=f"order:{obj.number}"
        )
        return [
            Table(
                str(_("通知")), ("时间", "通知", "状态", "发送次数", "对方应答"),
                [
                    (at(one.made_at), one.get_kind_display(), badge(one.state, NOTICES), one.tries, one.answer)
                    for one in told[:50]
                ],
            )
        ]  # fmt: skip
