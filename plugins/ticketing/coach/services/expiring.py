"""Tickets whose bus has long left and that nobody used, changed or gave back: they are over.

Nothing is booked: what was paid is earned from the issue on, and what the network gets stands in its statements. A
missed bus (误班) is changed on its own day, long before; whoever still has a claim is refunded as before, also from
已过期.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction

from plugins.ticketing.kernel.choices import TicketState, Trade
from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import LockTimeout, lock_rows
from saleor_o2o.kernel.states import move_all_locked

from ..choices import ShiftState
from ..models import CoachTrip

logger = logging.getLogger(__name__)
#: Networks tell of passengers on board up to a day late, and statements are a day behind.
GRACE = timedelta(days=2)
#: Orders in one look, and in one night.
PAGE, MOST = 500, 20_000


def expire_left(most: int = MOST) -> int:
    """Expire tickets of buses that left before the time of grace; how many tickets. Twice changes nothing.

    A cancelled bus's tickets stay as they are: their money is owed, not earned. One order that cannot be locked waits
    for the next night and stops nobody behind it. Locks, order by order in transactions of their own: the tickets.
    """
    before = now() - GRACE
    due = CoachTrip.objects.filter(
        ticket_order__tickets__state=TicketState.ISSUED, ticket_order__starts_at__lt=before,
        shift_day__departs__lt=before, shift_day__last__lt=before,
    ).exclude(shift_day__state=ShiftState.CANCELLED)  # fmt: skip
    last, looked, done = 0, 0, 0
    while looked < most:
        page = list(
            due.filter(ticket_order__gt=last)
            .order_by("ticket_order").distinct().values_list("ticket_order", flat=True)[: min(PAGE, most - looked)]
        )  # fmt: skip
        if not page:
            break
        for pk in page:
            try:
                done += _expire(pk)
            except LockTimeout:
                logger.warning("tickets of order %s are taken, to be expired another night", pk)
        last, looked = page[-1], looked + len(page)
    return done


@transaction.atomic
def _expire(order_pk: int) -> int:
    rows = lock_rows(
        Ticket.objects.filter(
            ticket_order=order_pk, ticket_order__trade=Trade.COACH, state=TicketState.ISSUED
        )
    )
    move_all_locked(rows, "expire", actor="system")
    return len(rows)
