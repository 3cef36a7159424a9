"""From when times of fees count: the beginning, the end of validity, the booking, the opening of the sale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from plugins.ticketing.kernel.choices import Anchor
from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import SHANGHAI, midnight

from .models import Session
from .sold import session_of


def anchors_of(tickets: Sequence[Ticket]) -> dict[int, dict[str, datetime]]:
    """By ticket. One statement where they are for sessions, else none; their orders are read along with them."""
    sessions = {one.pk: session_of(one.ticket_order) for one in tickets}
    asked = {key for key in sessions.values() if key is not None}
    opens = dict(Session.objects.filter(pk__in=asked).values_list("pk", "opens_at")) if asked else {}
    found = {}
    for one in tickets:
        order, session = one.ticket_order, sessions[one.pk]
        starts = order.starts_at if session else midnight(order.starts_at.astimezone(SHANGHAI).date())
        anchors: dict[str, datetime] = {
            Anchor.START: starts, Anchor.VALID_END: one.valid_until, Anchor.BOOKED: order.made_at,
        }  # fmt: skip
        opened = opens.get(session) if session is not None else None
        if opened is not None:
            anchors[Anchor.SALE_OPEN] = opened
        found[one.pk] = anchors
    return found
