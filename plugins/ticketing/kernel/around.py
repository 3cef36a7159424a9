"""What others have to know of tickets: their lines go back as tickets, not as goods; a customer's page shows them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, link
from saleor_o2o.backoffice.customers import MOST, register_customer_part
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.scope import policy_for, rows_for
from saleor_o2o.ordering.interfaces import register_own_way


def install() -> None:
    """Register it; called once when the app is ready."""
    register_own_way("ticketing", _ticket_lines)
    register_customer_part("ticketing", _ticket_orders)


def _ticket_lines(order_lines: Collection[int]) -> dict[int, str]:
    """The lines that are tickets, differences of changes, or insurances of tickets. Two statements."""
    from .models import ChangeRequest, Insurance, Ticket

    words = _("车票、门票及其保险请在“票务订单”里退票")
    found = set(Ticket.objects.filter(order_line__in=order_lines).values_list("order_line_id", flat=True))
    found |= set(Insurance.objects.filter(order_line__in=order_lines).values_list("order_line_id", flat=True))
    changes = ChangeRequest.objects.filter(Q(difference_order__lines__in=order_lines))
    found |= set(changes.values_list("difference_order__lines", flat=True)) & set(order_lines)
    return {line: words for line in found if line is not None}


def _ticket_orders(request: HttpRequest, user: Any) -> Table | None:
    """The newest ticket orders on a customer's page; a statement each and one. None for whoever may not see them."""
    from .access import ORDER_VIEW
    from .models import TicketOrder

    asker: Any = request.user
    if not policy_for(TicketOrder).may(asker, ORDER_VIEW, TicketOrder):
        return None
    rows = rows_for(asker, TicketOrder).filter(user=user).select_related("unit").order_by("-pk")[:MOST]
    return Table(
        "票务订单",
        ("票务订单号", "票种", "内容", "出发（开场）", "应付合计", "状态", "受理机构"),
        [
            (
                link("o2o_ticketing_ticketorder", one.pk, one.number), one.get_trade_display(), one.title,
                at(one.starts_at), yuan(one.total), one.get_state_display(), one.unit.name,
            )
            for one in rows
        ],
    )  # fmt: skip
