"""Open now: several spans a day, over midnight, special dates; PostgreSQL and Python agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.org_hierarchy.interfaces import open_at
from plugins.service_map.hours import OpenState, opening_at
from plugins.service_map.kinds import DayKind, PlaceKind
from plugins.service_map.models import CalendarDay, Place
from plugins.service_map.nearest import nearest
from saleor_o2o.kernel.clock import SHANGHAI

from .map_support import CENTRE, mapped_org, poi

HOURS = {
    "1": [["08:30", "12:00"], ["14:00", "17:30"]],
    "2": [["08:30", "17:30"]],
    "5": [["22:00", "02:00"]],
    "7": [["20:00", "24:00"]],
    "dates": {"2026-10-01": [], "2026-10-06": [["10:00", "11:00"]]},
}
ROUND_THE_CLOCK = {str(day): [["00:00", "24:00"]] for day in range(1, 8)}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "state", "text"),
    [
        ("2026-11-23 08:29", "closed", "已休息，08:30 营业"),
        ("2026-11-23 08:30", "open", "营业中，12:00 关门"),
        ("2026-11-23 12:00", "closed", "已休息，14:00 营业"),
        ("2026-11-23 17:29", "open", "营业中，17:30 关门"),
        ("2026-11-23 17:30", "closed", "已休息，明天 08:30 营业"),
        ("2026-11-25 09:00", "closed", "已休息，周五 22:00 营业"),
        ("2026-11-27 23:00", "open", "营业中，明天 02:00 关门"),
        ("2026-11-28 01:59", "open", "营业中，02:00 关门"),
        ("2026-11-28 02:00", "closed", "已休息，明天 20:00 营业"),
        ("2026-11-29 21:00", "open", "营业中，24:00 关门"),
        ("2026-10-06 09:30", "closed", "已休息，10:00 营业"),  # a Tuesday with hours of its own
        ("2026-10-06 12:00", "closed", "已休息，周五 22:00 营业"),
    ],
)
def test_what_a_visitor_reads(moment: str, state: str, text: str) -> None:
    # when
    opening = opening_at(HOURS, at(moment), {})

    # then
    assert (opening.state.value, opening.text) == (state, text)


def test_without_hours_nothing_is_claimed() -> None:
    # then
    assert opening_at({}, at("2026-11-23 10:00"), {}).text == "营业时间未登记"
    assert not open_at({}, at("2026-11-23 10:00"))
    assert opening_at({"dates": {"2020-01-01": []}}, at("2026-11-23 10:00"), {}).text == "已休息"
    assert opening_at(ROUND_THE_CLOCK, at("2026-11-23 10:00"), {}).text == "24 小时营业"


def test_another_time_zone_is_the_same_moment() -> None:
    # given: 09:00 in Shanghai
    moment = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    # then
    assert opening_at(HOURS, moment, {}).text == "营业中，12:00 关门"


MINUTES = st.integers(0, 1440).map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")
SPANS = st.lists(st.tuples(MINUTES, MINUTES.filter(lambda text: text != "00:00")).map(list), max_size=3)
DAYS = st.dictionaries(st.sampled_from([*"1234567", "holiday", "workday"]), SPANS, max_size=9)
#: What the days around are, by their place after the 20th.
CALENDAR = st.dictionaries(st.integers(-1, 8), st.sampled_from(DayKind.values), max_size=5)
DATES = st.dictionaries(st.sampled_from(["2026-11-22", "2026-11-23", "2026-11-24"]), SPANS, max_size=3)
STARTS = st.integers(0, 7 * 1440 - 1)


def special(places: dict[int, str]) -> dict[date, str]:
    return {date(2026, 11, 20) + timedelta(days=place): kind for place, kind in places.items()}


@given(days=DAYS, dates=DATES, minute=STARTS, places=CALENDAR)
@settings(max_examples=150)
def test_the_text_and_the_minute_agree(days: Any, dates: Any, minute: int, places: Any) -> None:
    # given
    hours, calendar = {**days, "dates": dates}, special(places)
    moment = at("2026-11-20 00:00") + timedelta(minutes=minute)

    # when
    opening = opening_at(hours, moment, calendar)

    # then: open means that a span holds the minute, and it changes exactly when it says
    assert (opening.state is OpenState.OPEN) is open_at(hours, moment, calendar)
    if opening.changes_at is not None:
        assert opening.changes_at > moment
        before = open_at(hours, opening.changes_at - timedelta(minutes=1), calendar)
        assert before is (opening.state is OpenState.OPEN)
        assert open_at(hours, opening.changes_at, calendar) is (opening.state is OpenState.CLOSED)


@pytest.mark.django_db
@given(days=DAYS, dates=DATES, minute=STARTS, places=CALENDAR)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgresql_agrees_with_python(db: Any, days: Any, dates: Any, minute: int, places: Any) -> None:
    # given
    hours = {**days, "dates": dates} if dates else dict(days)
    moment = at("2026-11-20 00:00") + timedelta(minutes=minute)
    org = Place.objects.first()
    if org is None:
        poi(mapped_org()["B111"], "车站", *CENTRE)
    station = Place.objects.get(kind=PlaceKind.STATION)

    # when
    Place.objects.filter(pk=station.pk).update(hours=hours)
    CalendarDay.objects.all().delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=day, kind=kind, name="节日") for day, kind in special(places).items()
    )
    found = nearest(*CENTRE, kinds=[PlaceKind.STATION], open_now=True, at=moment)

    # then
    assert bool(found) is open_at(hours, moment, special(places))
    if found:
        assert found[0].opening == opening_at(hours, moment, special(places))


@pytest.mark.django_db
def test_the_week_is_kept_by_the_database() -> None:
    # given
    station = poi(
        mapped_org()["B111"], "车站", *CENTRE, hours={"7": [["23:00", "01:00"]], "1": [["00:30", "02:00"]]}
    )

    # when
    with connection.cursor() as cursor:
        cursor.execute("SELECT open_week::text FROM o2o_service_map_place WHERE id = %s", [station.pk])
        [week] = cursor.fetchone()

    # then: Sunday's night is the beginning of the week
    assert week == "{[0,120),[10020,10080)}"
