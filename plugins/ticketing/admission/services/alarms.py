"""Quotas that run low, and sessions that are over."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

from ..choices import SessionState
from ..events import QuotaLow
from ..models import Quota, Session


@transaction.atomic
def watch_quotas() -> int:
    """Mark and tell of quotas of today and later that have fewer left than their keepers wanted; returns how many.

    Locks: these quotas.
    """
    low = Quota.objects.filter(alarmed_at=None, alarm_below__gt=F("capacity") - F("taken")).exclude(
        day__lt=today()
    )
    rows = lock_rows(low.exclude(session__state__in=(SessionState.CANCELLED, SessionState.ENDED)))
    Quota.objects.filter(pk__in=[row.pk for row in rows]).update(alarmed_at=now())
    for row in rows:
        publish(QuotaLow(quota_id=row.pk, left=row.left), key=f"quota:{row.pk}")
    return len(rows)


def end_sessions() -> int:
    """End sessions whose time is over; returns how many. One transaction each."""
    due = Session.objects.filter(
        ends_at__lte=now(), state__in=(SessionState.DRAFT, SessionState.ON_SALE, SessionState.PAUSED)
    )
    count = 0
    for pk in due.values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            for row in lock_rows(due.filter(pk=pk)):
                move_locked(row, "end", actor="system")
                count += 1
    return count
