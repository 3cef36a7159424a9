"""The timetable kept in step with the networks, and what nobody asks for any more deleted."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache

from plugins.ticketing.kernel.choices import OrderState
from saleor_o2o.kernel.clock import today

from ..models import CoachTrip, Refresh, ShiftOffer, Station, SupplierStation
from .refreshing import freshen
from .syncing import sync_networks

#: Days after which offers of a day that is over are deleted.
KEPT = timedelta(days=2)
#: A network is asked again about a day with tickets of ours.
AGAIN = timedelta(minutes=25)


def begin() -> None:
    """On a platform that knows no network's places yet, ask the networks: whoever searches first waits for it.

    Makes remote calls: never in a transaction. Others meanwhile find nothing, and ask again.
    """
    if SupplierStation.objects.exists() or not cache.add("o2o-coach-begins", "1", timeout=120):
        return
    sync_networks()


def refresh_days() -> int:
    """Ask the networks again about stations and days of which somebody has tickets; how many were asked."""
    trips = CoachTrip.objects.filter(
        shift_day__day__gte=today(),
        ticket_order__state__in=(OrderState.PAID, OrderState.ISSUING, OrderState.ISSUED),
    )
    pairs = sorted(set(trips.order_by().values_list("shift_day__day", "start")))
    stations = Station.objects.in_bulk({start for _day, start in pairs})
    return sum(freshen([stations[start]], day, age=AGAIN) for day, start in pairs)


def forget_old() -> int:
    """Delete offers and questions of days that are over; how many offers. Buses with tickets of ours stay."""
    before = today() - KEPT
    Refresh.objects.filter(day__lt=before).delete()
    return ShiftOffer.objects.filter(shift_day__day__lt=before).delete()[0]
