"""Quotas and halls that run low, and sessions that are over."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

from ..choices import SeatState, SessionState
from ..events import QuotaLow, SeatsLow
from ..models import Quota, Session, SessionSeat

_LIVE = (SessionState.DRAFT, SessionState.ON_SALE, SessionState.PAUSED)


@transaction.atomic
def watch_quotas() -> int:
    """Mark and tell of quotas of today and later that have fewer left than their keepers wanted; returns how many.

    What has enough again is told anew the next time. Locks: these quotas.
    """
    marked = Quota.objects.filter(alarmed_at__isnull=False)
    full = lock_rows(marked.filter(capacity__gte=F("taken") + F("alarm_below")))
    Quota.objects.filter(pk__in=[row.pk for row in full]).update(alarmed_at=None)
    low = Quota.objects.filter(alarmed_at=None, alarm_below__gt=F("capacity") - F("taken")).exclude(
        Q(day__lt=today()) | Q(slot__day__lt=today())
    )
    rows = lock_rows(low.exclude(session__state__in=(SessionState.CANCELLED, SessionState.ENDED)))
    Quota.objects.filter(pk__in=[row.pk for row in rows]).update(alarmed_at=now())
    for row in rows:
        publish(QuotaLow(quota_id=row.pk, left=row.left), key=f"quota:{row.pk}")
    return len(rows)


def free_seats_of(session: str = "pk") -> Any:
    """How many seats of a session are free, as an expression; `session`: the path to its key."""
    free = SessionSeat.objects.filter(session=OuterRef(session), state=SeatState.FREE).order_by()
    return Coalesce(Subquery(free.values("session").annotate(n=Count("pk")).values("n")), 0)


@transaction.atomic
def watch_seats() -> int:
    """Mark and tell of sessions to come that have fewer free seats than their keepers wanted; returns how many.

    What has enough again is told anew the next time. Locks: these sessions.
    """
    watched = Session.objects.exclude(seat_map=None).exclude(alarm_below=0).annotate(free=free_seats_of())
    full = lock_rows(watched.filter(alarmed_at__isnull=False, free__gte=F("alarm_below")), no_key=True)
    Session.objects.filter(pk__in=[row.pk for row in full]).update(alarmed_at=None)
    low = watched.filter(alarmed_at=None, free__lt=F("alarm_below"), state__in=_LIVE, closes_at__gt=now())
    rows: list[Any] = lock_rows(low, no_key=True)
    Session.objects.filter(pk__in=[row.pk for row in rows]).update(alarmed_at=now())
    for row in rows:
        publish(SeatsLow(session_id=row.pk, left=row.free), key=f"session:{row.pk}")
    return len(rows)


def end_sessions() -> int:
    """End sessions whose time is over; returns how many. One transaction each."""
    due = Session.objects.filter(ends_at__lte=now(), state__in=_LIVE)
    count = 0
    for pk in due.values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            for row in lock_rows(due.filter(pk=pk)):
                move_locked(row, "end", actor="system")
                count += 1
    return count
