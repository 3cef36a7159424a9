"""What waits on the home page: orders that do not fit with the distributor's."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.access import may_for_city
from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.scope import rows_for

from .access import SYNC
from .models import UpstreamStanding

#: At most.
SHOWN = 5


def todo(user: Any) -> list[Todo]:
    """At most five, the oldest first."""
    if not user.has_perm(SYNC):
        return []
    odd = list(
        rows_for(user, UpstreamStanding, SYNC)
        .exclude(attention="")
        .select_related("ticket_order")
        .order_by("asked_at")[:SHOWN]
    )
    if not odd or not may_for_city(user, SYNC):
        return []
    return [
        Todo(
            _("上游订单不一致：%(number)s") % {"number": standing.ticket_order.number},
            standing.attention,
            reverse("admin:o2o_distribution_upstreamstanding_change", args=[standing.pk]),
            standing.asked_at,
        )
        for standing in odd
    ]
