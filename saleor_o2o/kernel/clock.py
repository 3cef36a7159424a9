"""The time, aware and in Asia/Shanghai."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")

_frozen: ContextVar[datetime | None] = ContextVar("o2o_frozen_clock", default=None)


def now() -> datetime:
    """Return the current moment, aware, in Asia/Shanghai."""
    # by Django's clock, whose hands the journeys of killed processes put forward for everybody
    return (_frozen.get() or timezone.now()).astimezone(SHANGHAI)


def today() -> date:
    """Return the current business day in Asia/Shanghai."""
    return now().date()


def midnight(day: date) -> datetime:
    """Return the moment at which a business day begins, aware, in Asia/Shanghai."""
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)


def days_drawn(first: date, last: date) -> list[date]:
    """Return every day of a span, both included, for a chart that shows days without anything too; none of more than
    a year: so many points nobody reads, and an address may ask for centuries.
    """
    days = (last - first).days + 1
    return [first + timedelta(days=at) for at in range(days if days <= 366 else 0)]


@contextmanager
def frozen(moment: datetime) -> Iterator[datetime]:
    """Hold `now()` still in this context (tests, replays of a day's close). Threads do not inherit it.

    Raises ValueError for a naive moment.
    """
    if timezone.is_naive(moment):
        raise ValueError("frozen() needs an aware datetime")
    token = _frozen.set(moment)
    try:
        yield moment.astimezone(SHANGHAI)
    finally:
        _frozen.reset(token)
