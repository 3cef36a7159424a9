"""A bus that goes at another time than it was sold for: everybody on it is told, once for each time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from plugins.ticketing.kernel.choices import GONE, OrderState
from plugins.ticketing.kernel.locks import lock_order
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel import audit

from ..choices import OfferState
from ..locks import lock_day
from ..models import ShiftDay, ShiftOffer
from ..trips import leaves_at, title_of
from .telling import tell_moved

#: Orders whose people go: they have paid, and are told.
GOING = (OrderState.PAID, OrderState.ISSUING, OrderState.ISSUED)
#: Those, and who is about to.
LIVE = (OrderState.HOLDING, OrderState.HELD, *GOING)
MOVED = audit.action("coach.shift_moved", "汽车班次改时")


def follow_bus(shift_day: int, adapter: str, their_shift: str) -> int:
    """Note when a bus that people have tickets of leaves now, as their network says; how many orders were told.

    A bus is known by the minute at which it leaves: at another time the network's bus is another one of ours, and its
    offers say when. Orders of this network say the new time, too, and fees go by it; whoever bought at another network
    is told when that one says it. Each new time is told once, the first one of all as well. Again: nobody is told
    twice, and what a crash left is done. One that does not go leaves at no time. Locks: the bus's day; then, one
    transaction each, the orders. Raises LockTimeout.
    """
    offers = offers_of(shift_day, adapter, their_shift).select_related("shift_day__shift")
    newest = offers.exclude(state=OfferState.CANCELLED).order_by("-seen_at", "-pk").first()
    if newest is None:
        return 0
    there = newest.shift_day
    _move(shift_day, there)
    theirs = Q(product__shift=their_shift) | Q(product__bus=their_shift)
    orders = TicketOrder.objects.filter(
        theirs, coach_trip__shift_day=shift_day, supplier__adapter=adapter, state__in=LIVE
    )
    kept = orders.order_by("pk").values_list("pk", "place__departs")
    return sum(
        _note_on(pk, there) for pk, departs in kept if datetime.fromisoformat(departs) != there.departs
    )


def offers_of(shift_day: int, adapter: str, their_shift: str) -> QuerySet[ShiftOffer]:
    """What a network says of its bus from the same station on the day of a bus of ours, at whatever time it leaves."""
    day = ShiftDay.objects.select_related("shift__line").get(pk=shift_day)
    return ShiftOffer.objects.filter(
        supplier__adapter=adapter, their_shift=their_shift, shift_day__day=day.day,
        shift_day__shift__line__start=day.shift.line.start_id,
    )  # fmt: skip


@transaction.atomic
def _move(shift_day: int, there: ShiftDay) -> None:
    day = lock_day(shift_day)
    if day.departs == there.departs:
        return
    before = day.departs
    day.departs, day.last = there.departs, there.last
    day.save(update_fields=["departs", "last"])
    audit.record(MOVED, day, before={"departs": before}, after={"departs": day.departs}, actor="system")


@transaction.atomic
def _note_on(order_pk: int, day: ShiftDay) -> bool:
    """An order's trip leaves when its bus does, and its buyer is told; False: it is noted already, or nobody goes."""
    order = lock_order(order_pk)
    if (
        order is None
        or order.state not in LIVE
        or datetime.fromisoformat(order.place["departs"]) == day.departs
    ):
        return False
    goes = order.state in GOING and order.tickets.exclude(state__in=GONE).exists()
    told = goes and tell_moved(order, day.departs)
    starts = leaves_at(day)
    place = {
        **order.place, "departs": day.departs.isoformat(), "last": day.last.isoformat(),
        "arrives": (datetime.fromisoformat(order.place["arrives"]) + (starts - order.starts_at)).isoformat(),
    }  # fmt: skip
    order.place, order.ends_at, order.starts_at = place, order.ends_at + (starts - order.starts_at), starts
    order.title = title_of(place["start"], place["goal"], day)
    order.save(update_fields=["place", "starts_at", "ends_at", "title"])
    return told
