"""Figures of an account: followers as they stand, and what happened by day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from saleor_o2o.kernel.clock import SHANGHAI, midnight, now, today

from .models import Account, Fan, Push

DAYS = 14
#: For how long after somebody's last word messages of customer service may be sent to him.
WINDOW = timedelta(hours=48)


class Totals(NamedTuple):
    """Followers of an account now."""

    following: int
    ever: int
    gone: int
    members: int
    reachable: int


class Day(NamedTuple):
    """One day of an account."""

    day: date
    new: int
    gone: int
    net: int
    messages: int
    answered: int


def totals_of(account: Account) -> Totals:
    """One statement."""
    following = Q(is_following=True)
    found = Fan.objects.filter(account=account).aggregate(
        following=Count("pk", filter=following),
        ever=Count("pk", filter=Q(followed_at__isnull=False)),
        gone=Count("pk", filter=Q(followed_at__isnull=False, is_following=False)),
        members=Count("pk", filter=Q(user__isnull=False)),
        reachable=Count("pk", filter=following & Q(seen_at__gt=now() - WINDOW)),
    )
    return Totals(**found)


def days_of(account: Account, days: int = DAYS) -> list[Day]:
    """The last days, the newest first; three statements."""
    first = today() - timedelta(days=days - 1)
    begin = midnight(first)
    fans = Fan.objects.filter(account=account).order_by()

    def by_day(rows: object, field: str) -> dict[date, int]:
        found = rows.filter(**{f"{field}__gte": begin})  # type: ignore[attr-defined]
        found = found.annotate(on=TruncDate(field, tzinfo=SHANGHAI)).values_list("on")
        return dict(found.annotate(Count("pk")))

    new, gone = by_day(fans, "followed_at"), by_day(fans.filter(is_following=False), "left_at")
    said = Push.objects.filter(account=account, state="done").exclude(kind="event").order_by()
    told = {
        day: (count, answered)
        for day, count, answered in said.filter(received_at__gte=begin)
        .annotate(on=TruncDate("received_at", tzinfo=SHANGHAI))
        .values_list("on")
        .annotate(said=Count("pk"), answered=Count("pk", filter=~Q(answered_by=None)))
    }
    listed = [today() - timedelta(days=back) for back in range(days)]
    return [
        Day(
            day, new.get(day, 0), gone.get(day, 0), new.get(day, 0) - gone.get(day, 0), *told.get(day, (0, 0))
        )
        for day in listed
    ]
