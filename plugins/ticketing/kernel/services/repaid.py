"""Tickets that count (again) after a while on their way: all of their money may have gone back meanwhile."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from ..models import ChangeRequest, TicketOrder


def look_later(order: TicketOrder) -> None:
    """Take an order's tickets back after the commit where all of the money that bought them is back (`voiding`).

    Whoever gave the money back found them on their way (to the supplier, to another trip) and left them alone. Looked
    at after the commit in any case: the one who commits last sees what the other did. In the caller's transaction.
    """
    order_id = _bought_by(order)
    if order_id is not None:
        transaction.on_commit(partial(_void, order_id), robust=True)


def _bought_by(order: TicketOrder) -> int | None:
    """The order that bought its tickets, before whatever changes."""
    while order.order_id is None:
        change = ChangeRequest.objects.filter(target=order).select_related("ticket_order").first()
        if change is None:
            return None
        order = change.ticket_order
    return int(order.order_id)


def _void(order_id: int) -> None:
    from ..tasks import void_repaid

    void_repaid.delay(order_id)
