"""A bus that goes at another time than it was sold for: everybody on it is told, once for each time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.locks import lock_order
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel import audit

from ..locks import lock_day
from ..models import ShiftDay, ShiftOffer
from .selling import leaves_at, title_of
from .telling import tell_moved

#: Orders whose people go, or are about to.
_LIVE = (OrderState.HOLDING, OrderState.HELD, OrderState.PAID, OrderState.ISSUING, OrderState.ISSUED)
MOVED = audit.action("coach.shift_moved", "汽车班次改时")


def follow_bus(shift_day: int, adapter: str, their_shift: str) -> int:
    """Note when a bus that people have tickets of leaves now, as its network says; how many orders were told.

    A bus is known by the minute at which it leaves: at another time the network's bus is another one of ours, and its
    offers say when. Orders say the new time, too, and fees go by it. Again: nobody is told twice, and what a crash
    left is done. Locks: the bus's day; then, one transaction each, the orders. Raises LockTimeout.
    """
    told = _follow_day(shift_day, adapter, their_shift)
    day = ShiftDay.objects.select_related("shift").get(pk=shift_day)
    for pk in TicketOrder.objects.filter(coach_trip__shift_day=day, state__in=_LIVE).values_list(
        "pk", flat=True
    ):
        _note_on(pk, day)
    return told


def _follow_day(shift_day: int, adapter: str, their_shift: str) -> int:
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


@transaction.atomic
def _note_on(order_pk: int, day: ShiftDay) -> None:
    """An order's trip leaves when its bus does."""
    order = lock_order(order_pk)
    if order is None or datetime.fromisoformat(order.place["departs"]) == day.departs:
        return
    starts = leaves_at(day)
    place = {
        **order.place, "departs": day.departs.isoformat(), "last": day.last.isoformat(),
        "arrives": (datetime.fromisoformat(order.place["arrives"]) + (starts - order.starts_at)).isoformat(),
    }  # fmt: skip
    order.place, order.ends_at, order.starts_at = place, order.ends_at + (starts - order.starts_at), starts
    order.title = title_of(place["start"], place["goal"], day)
    order.save(update_fields=["place", "starts_at", "ends_at", "title"])


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
