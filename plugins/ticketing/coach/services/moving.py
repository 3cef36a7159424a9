"""A bus that goes at another time than it was sold for: everybody on it is told, once for each time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel import audit

from ..locks import lock_day
from ..models import ShiftOffer
from .telling import tell_moved

MOVED = audit.action("coach.shift_moved", "汽车班次改时")


def follow_bus(shift_day: int, adapter: str, their_shift: str) -> int:
    """Note when a bus that people have tickets of leaves now, as its network says; how many orders were told.

    A bus is known by the minute at which it leaves: at another time the network's bus is another one of ours, and its
    offers say when. Again: nobody is told twice. Locks: the bus's day. Raises LockTimeout.
    """
    with transaction.atomic():
        day = lock_day(shift_day)
        newest = (
            ShiftOffer.objects.select_related("shift_day")
            .filter(supplier__adapter=adapter, their_shift=their_shift, shift_day__day=day.day)
            .order_by("-seen_at", "-pk")
            .first()
        )
        if newest is None or newest.shift_day.departs == day.departs:
            return 0
        return _move(day.pk, newest.shift_day.departs, newest.shift_day.last)


def _move(shift_day: int, departs: datetime, last: datetime) -> int:
    day = lock_day(shift_day)
    before = day.departs
    day.departs, day.last = departs, last
    day.save(update_fields=["departs", "last"])
    audit.record(MOVED, day, before={"departs": before}, after={"departs": departs}, actor="system")
    orders = TicketOrder.objects.filter(
        coach_trip__shift_day=day, state__in=(OrderState.PAID, OrderState.ISSUING, OrderState.ISSUED)
    )
    return sum(tell_moved(order, departs) for order in orders.order_by("pk"))
