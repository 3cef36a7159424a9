"""What the days around a moment are: read once for the openings of many places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models.functions import JSONObject

from plugins.org_hierarchy.interfaces import Calendar
from saleor_o2o.kernel.clock import SHANGHAI

from .hours import AHEAD
from .models import CalendarDay


def span(moment: datetime) -> tuple[date, date]:
    """The first and last day that matter to an opening at a moment (aware): from yesterday on."""
    today = moment.astimezone(SHANGHAI).date()
    return today - timedelta(days=1), today + timedelta(days=AHEAD)


def along_with_rows(moment: datetime) -> ArraySubquery:
    """The special days around a moment as a column of any query; `read_days` reads it. Worked out once per query."""
    days = CalendarDay.objects.filter(day__range=span(moment)).order_by("day")
    return ArraySubquery(days.values(json=JSONObject(day="day", kind="kind")))


def read_days(rows: Iterable[Mapping[str, str]]) -> Calendar:
    """The calendar from the column that `along_with_rows` made."""
    return {date.fromisoformat(row["day"]): row["kind"] for row in rows}
