"""A bus that people have tickets of, followed to where its network lists it: when it leaves, and whether it goes."""

from __future__ import annotations

from django.db.models import QuerySet

from ..choices import OfferState, ShiftState
from ..models import CoachTrip, ShiftDay
from .cancelling import cancel_day, goes_again, resume_day
from .moving import GOING, follow_bus, offers_of


def follow(shift_day: int, adapter: str, their_shift: str) -> None:
    """Bring a bus of ours in step with what its network lists of it, at whatever time. Again: nobody is told twice.

    One that moved is another row of ours: that it does not go, or goes after all, is said there. Of one that does not
    go no new time is told before it goes again. Locks as `cancel_day`, `bring_back`, `follow_bus`. Raises LockTimeout.
    """
    elsewhere = offers_of(shift_day, adapter, their_shift).exclude(shift_day=shift_day)
    said = set(elsewhere.order_by().values_list("state", flat=True))
    if OfferState.CANCELLED in said:
        cancel_day(shift_day, adapter)
    elif OfferState.ON_SALE in said:
        bring_back(shift_day, adapter)
    if ShiftDay.objects.get(pk=shift_day).state == ShiftState.RUNNING:
        follow_bus(shift_day, adapter, their_shift)


def bring_back(shift_day: int, said_by: str) -> int:
    """A cancelled bus that a network sells again goes after all (`goes_again`); how many orders were told.

    First its people are told when it leaves now, where that is another time. Locks as `follow_bus`, then as
    `resume_day`. Raises LockTimeout.
    """
    if not goes_again(ShiftDay.objects.get(pk=shift_day), said_by):
        return 0
    trips = CoachTrip.objects.filter(shift_day=shift_day, ticket_order__state__in=GOING)
    for adapter, theirs in sorted({(adapter, theirs) for _pk, adapter, theirs in buses_of(trips)}):
        follow_bus(shift_day, adapter, theirs)
    return resume_day(shift_day, said_by)


def buses_of(trips: QuerySet[CoachTrip]) -> set[tuple[int, str, str]]:
    """Which buses these trips are by: our day's row, the network's adapter, and its word for the bus. One statement."""
    told = trips.order_by().values_list(
        "shift_day",
        "ticket_order__supplier__adapter",
        "ticket_order__product__shift",
        "ticket_order__product__bus",
    )
    return {(pk, adapter, str(shift or bus or "")) for pk, adapter, shift, bus in told}
