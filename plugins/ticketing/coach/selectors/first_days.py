"""The first day for which a bus may still be sold: the next one, where the last bus of today is not sold any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Max, Min

from saleor_o2o.kernel.clock import midnight, now

from ..choices import ShiftState
from ..models import LineStop, ShiftOffer, Station
from ..windows import opening_day, stops_at

DAY = timedelta(days=1)


def first_day(start: Collection[Station], goal: Collection[Station]) -> date:
    """Of a search from these to those. Two statements; asks no network."""
    return min(first_days(start, goal).values(), default=now().date())


def first_days(start: Collection[Station], goal: Collection[Station]) -> dict[int, date]:
    """By goal, from any of the starts. Two statements; asks no network.

    Today is over for a start whose sale has closed for the night, and where the last bus is past its stop: today's as
    the networks told it, else as late as yesterday's or tomorrow's. Of what nobody knows today is not over.
    """
    moment = now()
    today = moment.date()
    starts = {one.pk: one for one in start}
    goals = [one.pk for one in goal]
    ends = _ends(starts, goals, today)
    going: dict[int, list[Station]] = {}
    pairs = LineStop.objects.filter(line__start__in=starts, station__in=goals)
    for key, place in pairs.values_list("line__start", "station").distinct():
        going.setdefault(place, []).append(starts[key])

    def over(one: Station, place: int) -> bool:
        if opening_day(one) > today:
            return True
        end = ends.get((one.pk, place))
        # before tomorrow is sold there is none to begin with
        return end is not None and moment >= end and one.presale_days > 1

    return {
        place: today + DAY if going.get(place) and all(over(one, place) for one in going[place]) else today
        for place in goals
    }


def _ends(
    starts: Mapping[int, Station], goals: Collection[int], today: date
) -> dict[tuple[int, int], datetime]:
    """When the sale of the last bus of today ends, by start and goal, where it is known."""
    rows = (
        ShiftOffer.objects.filter(
            shift_day__shift__line__start__in=starts, station__in=goals,
            shift_day__day__range=(today - DAY, today + DAY), shift_day__state=ShiftState.RUNNING,
        )
        .order_by()
        .values_list("shift_day__shift__line__start", "station", "shift_day__day")
        .annotate(last=Max("shift_day__last"), stop=Min("stop_minutes"))
    )  # fmt: skip
    exact: dict[tuple[int, int], datetime] = {}
    usual: dict[tuple[int, int], datetime] = {}
    for start, goal, day, last, stop in rows:
        # as late on today as it is on its own day
        end = stops_at(starts[start], midnight(today) + (last - midnight(day)), stop)
        if day == today:
            exact[start, goal] = end
        else:
            usual[start, goal] = max(end, usual.get((start, goal), end))
    return usual | exact
