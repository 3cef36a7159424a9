"""The timetable kept in step with the networks, and what nobody asks for any more deleted."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from django.core.cache import cache

from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.locks import LockTimeout
from saleor_o2o.kernel.sweeping import drive_each

from ..models import CoachTrip, FareProof, Refresh, ShiftOffer, Station, SupplierStation
from .following import buses_of, follow
from .moving import GOING
from .refreshing import freshen
from .syncing import sync_networks

#: Days after which offers of a day that is over are deleted.
KEPT = timedelta(days=2)
#: How long a certificate may still be asked for.
PROVEN = timedelta(days=30)
#: A network is asked again about a day with tickets of ours.
AGAIN = timedelta(minutes=25)
logger = logging.getLogger(__name__)


def begin() -> None:
    """On a platform that knows no network's places yet, ask the networks: whoever searches first waits for it.

    Makes remote calls: never in a transaction. Others meanwhile find nothing, and ask again.
    """
    if SupplierStation.objects.exists() or not cache.add("o2o-coach-begins", "1", timeout=120):
        return
    sync_networks()


def refresh_days() -> int:
    """Ask the networks again about stations and days of which somebody has tickets; how many were asked.

    Also buses that leave at another time without a word are noticed. A station at which somebody is at work waits for
    the next time and stops nobody behind it.
    """
    trips = CoachTrip.objects.filter(
        shift_day__day__gte=today(),
        ticket_order__state__in=GOING,
    )
    pairs = sorted(set(trips.order_by().values_list("shift_day__day", "start")))
    stations = Station.objects.in_bulk({start for _day, start in pairs})
    asked = 0
    for day, start in pairs:
        try:
            asked += freshen([stations[start]], day, age=AGAIN)
            _follow(start, day)
        except LockTimeout:
            logger.warning("buses of station %s on %s are taken, to be asked for again", start, day)
    return asked


def _follow(start: int, day: date) -> None:
    """Buses of a station that people have tickets of, as networks list them now; one that fails stops no other."""
    trips = CoachTrip.objects.filter(shift_day__day=day, start=start, ticket_order__state__in=GOING)
    drive_each(sorted(buses_of(trips)), lambda bus: follow(*bus))


def forget_old() -> int:
    """Delete offers and questions of days that are over; how many offers. Buses with tickets of ours stay.

    Numbers of certificates are forgotten a month after the journey.
    """
    before = today() - KEPT
    over = FareProof.objects.filter(ticket__valid_until__lt=now() - PROVEN).exclude(certificate="")
    over.update(certificate="")
    Refresh.objects.filter(day__lt=before).delete()
    return ShiftOffer.objects.filter(shift_day__day__lt=before).delete()[0]
