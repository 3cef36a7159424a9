"""A bus that does not go: who has tickets is told, and may give back or change for nothing; who has none is let go."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.choices import GONE, OrderState
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.stopping import OPEN, stop
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now

from ..choices import OfferState, ShiftState
from ..locks import lock_day
from ..models import ShiftDay
from .telling import tell_cancelled, tell_resumed

CANCELLED = audit.action("coach.shift_cancelled", "汽车班次停班")
RESUMED = audit.action("coach.shift_resumed", "汽车班次恢复开行")


def cancel_day(shift_day: int, said_by: str = "", heard_at: datetime | None = None) -> int:
    """Note that a bus does not go, and tell whoever has tickets of it; how many orders. Again: nobody is told twice.

    `said_by`: the network (its adapter) that says so, whose list may take it back; "": nobody's list does. `heard_at`:
    when its notice arrived, where it answers no question: one that is older than what the lists have taken back since
    says nothing new. Whoever holds seats and has no tickets yet is let go (`stopping.stop`), also by a second call
    where a crash came between. Locks: the bus's day; then, one transaction each, those orders. Raises LockTimeout.
    """
    told = _cancel(shift_day, said_by, heard_at)
    if told is None:
        return 0
    stop(TicketOrder.objects.filter(coach_trip__shift_day=shift_day), _("班次已停班"))
    return told


@transaction.atomic
def _cancel(shift_day: int, said_by: str, heard_at: datetime | None) -> int | None:
    """How many were told; None: it goes, as was said since."""
    day = lock_day(shift_day)
    fresh = day.state != ShiftState.CANCELLED
    if fresh and heard_at is not None and day.resumed_at is not None and heard_at <= day.resumed_at:
        return None
    before = [] if fresh else day.stopped_by
    stopped_by = sorted({*before, said_by} - {""})
    if fresh or stopped_by != before:
        day.state, day.stopped_by = ShiftState.CANCELLED, stopped_by
        day.save(update_fields=["state", "stopped_by"])
    if not fresh:
        return 0
    audit.record(CANCELLED, day, after={"day": day.day, "departs": day.departs}, actor="system")
    return sum(tell_cancelled(order) for order in _with_tickets(day))


def to_let_go(days: Collection[int]) -> set[int]:
    """Of these days those with orders that have no tickets and were not let go yet. One statement."""
    left = TicketOrder.objects.filter(coach_trip__shift_day__in=days, state__in=OPEN, no_trip=False)
    return set(left.order_by().values_list("coach_trip__shift_day", flat=True))


def goes_again(day: ShiftDay, said_by: str) -> bool:
    """Whether a cancelled bus goes after all where a network sells it again: its list must have said that it does not
    go, and no network that is on says so any more."""
    if day.state != ShiftState.CANCELLED or said_by not in day.stopped_by:
        return False
    return not day.offers.filter(state=OfferState.CANCELLED, supplier__active=True).exists()


@transaction.atomic
def resume_day(shift_day: int, said_by: str) -> int:
    """Note that a cancelled bus goes after all, and tell whoever still has tickets of it: he may be waiting for his
    money, and the gate lets him in again; how many orders. Again, or where it does not go yet (`goes_again`): none.

    What was let go or given back meanwhile stays so. Locks: the bus's day. Raises LockTimeout.
    """
    day = lock_day(shift_day)
    if not goes_again(day, said_by):
        return 0
    day.state, day.stopped_by, day.resumed_at = ShiftState.RUNNING, [], now()
    day.save(update_fields=["state", "stopped_by", "resumed_at"])
    audit.record(RESUMED, day, after={"day": day.day, "departs": day.departs}, actor="system")
    return sum(tell_resumed(order) for order in _with_tickets(day))


def _with_tickets(day: ShiftDay) -> QuerySet[TicketOrder]:
    """Orders of which somebody goes by it; not those of which everything was given back or changed."""
    orders = TicketOrder.objects.filter(
        Exists(Ticket.objects.filter(ticket_order=OuterRef("pk")).exclude(state__in=GONE)),
        coach_trip__shift_day=day, state__in=(OrderState.ISSUING, OrderState.ISSUED),
    )  # fmt: skip
    return orders.order_by("pk")


def is_cancelled(order: TicketOrder) -> bool:
    """Whether the order's bus does not go, so that giving back and changing are free."""
    trip = getattr(order, "coach_trip", None)
    return trip is not None and trip.shift_day.state == ShiftState.CANCELLED
