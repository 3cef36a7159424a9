"""What a ticket order says of what was bought: the session, wherever the order keeps it."""

from __future__ import annotations

from plugins.ticketing.kernel.models import TicketOrder


def session_of(order: TicketOrder) -> int | None:
    """The key of the session that an order is for; None for a day, a slot, or whenever."""
    for told in (order.place, order.product):
        found = told.get("session") if isinstance(told, dict) else None
        if isinstance(found, int) and not isinstance(found, bool):
            return found
    return None
