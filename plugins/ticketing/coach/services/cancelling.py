"""A bus that does not go: who has tickets is told, and may give back or change for nothing; who has none is let go."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.stopping import stop
from saleor_o2o.kernel import audit

from ..choices import ShiftState
from ..locks import lock_day
from ..models import ShiftDay
from .telling import tell_cancelled, tell_resumed

CANCELLED = audit.action("coach.shift_cancelled", "汽车班次停班")
RESUMED = audit.action("coach.shift_resumed", "汽车班次恢复开行")


def cancel_day(shift_day: int) -> int:
    """Note that a bus does not go, and tell whoever has tickets of it; how many orders. Again: nobody is told twice.

    Whoever holds seats and has no tickets yet is let go (`stopping.stop`), also by a second call where a crash came
    between. Locks: the bus's day; then, one transaction each, those orders. Raises LockTimeout.
    """
    told = _cancel(shift_day)
    stop(TicketOrder.objects.filter(coach_trip__shift_day=shift_day), _("班次已停班"))
    return told


@transaction.atomic
def _cancel(shift_day: int) -> int:
    day = lock_day(shift_day)
    fresh = day.state != ShiftState.CANCELLED
    if fresh:
        day.state = ShiftState.CANCELLED
        day.save(update_fields=["state"])
        audit.record(CANCELLED, day, after={"day": day.day, "departs": day.departs}, actor="system")
    return tell_day(day) if fresh else 0


def tell_day(day: ShiftDay) -> int:
    """Tell whoever has tickets of a bus that it does not go; how many orders were told. In a transaction."""
    return sum(tell_cancelled(order) for order in _with_tickets(day))


@transaction.atomic
def resume_day(shift_day: int) -> int:
    """Note that a cancelled bus goes after all, and tell whoever still has tickets of it: he may be waiting for his
    money, and the gate lets him in again; how many orders. Again: nobody is told twice.

    What was let go or given back meanwhile stays so. Locks: the bus's day. Raises LockTimeout.
    """
    day = lock_day(shift_day)
    if day.state != ShiftState.CANCELLED:
        return 0
    day.state = ShiftState.RUNNING
    day.save(update_fields=["state"])
    audit.record(RESUMED, day, after={"day": day.day, "departs": day.departs}, actor="system")
    return sum(tell_resumed(order) for order in _with_tickets(day))


def _with_tickets(day: ShiftDay) -> QuerySet[TicketOrder]:
    orders = TicketOrder.objects.filter(
        coach_trip__shift_day=day, state__in=(OrderState.ISSUING, OrderState.ISSUED)
    )
    return orders.order_by("pk")


def is_cancelled(order: TicketOrder) -> bool:
    """Whether the order's bus does not go, so that giving back and changing are free."""
    trip = getattr(order, "coach_trip", None)
    return trip is not None and trip.shift_day.state == ShiftState.CANCELLED
