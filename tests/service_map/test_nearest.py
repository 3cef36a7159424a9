"""The nearest places: order, filters, one statement, and the index."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.org_hierarchy.interfaces import distance_m, open_at
from plugins.org_hierarchy.models import OrgUnit
from plugins.service_map.errors import MapError, MapErrorCode
from plugins.service_map.kinds import PlaceKind, PlaceStatus
from plugins.service_map.models import Place
from plugins.service_map.nearest import DEFAULT_RADIUS, navigation_link, nearest
from saleor_o2o.kernel.clock import SHANGHAI, today

from .map_support import CENTRE, DAILY, mapped_org, poi

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=SHANGHAI)


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return mapped_org()


def names(**asked: Any) -> list[str]:
    return [found.place.name for found in nearest(*CENTRE, at=NOON, **asked)]


def test_nearest_first_with_distance_and_opening(org: dict[str, OrgUnit]) -> None:
    # when
    found = nearest(*CENTRE, radius=200_000, at=NOON)

    # then
    assert [one.place.unit_code for one in found] == ["O1111", "O1112", "O1211"]
    assert [round(one.metres) for one in found] == [147, 1474, 115568]
    assert found[0].opening.text == "营业中，17:30 关门"


def test_filters(org: dict[str, OrgUnit]) -> None:
    # then
    assert names(scope="ticketing") == ["甲县一支局一网点"]
    assert names(scope="ticketing", radius=200_000) == ["甲县一支局一网点", "乙县一支局一网点"]
    assert names(radius=1000) == ["甲县一支局一网点"]
    assert names(first=1) == ["甲县一支局一网点"]
    assert names(open_now=True) == ["甲县一支局一网点", "甲县一支局二网点"]
    assert nearest(*CENTRE, open_now=True, at=NIGHT) == []
    assert names(kinds=[PlaceKind.BRANCH, PlaceKind.OUTLET])[0] == "甲县一支局"
    assert names(kinds=[PlaceKind.STATION]) == []


def test_hidden_and_future_places_are_not_found(org: dict[str, OrgUnit]) -> None:
    # given
    poi(org["B111"], "旧车站", *CENTRE, status=PlaceStatus.HIDDEN)
    poi(org["B111"], "新车站", *CENTRE, listed_from=today() + timedelta(days=1))
    poi(org["B111"], "车站", *CENTRE, listed_from=today())

    # then
    assert [one.place.name for one in nearest(*CENTRE, kinds=[PlaceKind.STATION])] == ["车站"]


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"kinds": ["moon"]}, "kinds", MapErrorCode.INVALID),
        ({"kinds": []}, "kinds", MapErrorCode.INVALID),
        ({"scope": "gold"}, "scope", MapErrorCode.INVALID),
        ({"first": 0}, "first", MapErrorCode.TOO_MANY),
        ({"first": 51}, "first", MapErrorCode.TOO_MANY),
        ({"radius": -1}, "radius", MapErrorCode.INVALID),
        ({"radius": float("nan")}, "radius", MapErrorCode.INVALID),
    ],
)
def test_what_is_refused(asked: dict[str, Any], field: str, code: MapErrorCode) -> None:
    # when
    with pytest.raises(MapError) as refused:
        nearest(*CENTRE, **asked)

    # then
    assert (refused.value.field, refused.value.code) == (field, code)


def test_one_statement_however_many_places(org: dict[str, OrgUnit], django_assert_num_queries: Any) -> None:
    # given
    for number in range(30):
        poi(org["B111"], f"车站 {number}", 106.5 + number / 1000, 29.5)

    # then
    with django_assert_num_queries(1):
        found = nearest(*CENTRE, kinds=[PlaceKind.STATION], first=30)
        assert {one.place.unit_code for one in found} == {org["B111"].code}
        assert {one.place.name[:2] for one in found} == {"车站"}


def test_the_order_comes_from_the_index(org: dict[str, OrgUnit]) -> None:
    # given
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")  # those of other tests, of a table almost empty
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")

        def walked() -> tuple[int, int]:
            counted = "pg_stat_get_xact_numscans('o2o_map_outlet_earth'::regclass)"
            cursor.execute(f"SELECT {counted}, {counted.replace('outlet', 'place')}")
            outlets, places = cursor.fetchone()
            return outlets, places

        # when: two of the three are enough, so that nothing further is looked at
        # (counts of earlier transactions may not have been handed in yet: only the difference says something)
        before = walked()
        nearest(*CENTRE, first=2, open_now=True, at=NOON)
        then = walked()

        # then
        assert (then[0] - before[0], then[1] - before[1]) == (1, 0)

        # when
        nearest(*CENTRE, first=2, kinds=[PlaceKind.BRANCH, PlaceKind.OUTLET])
        after = walked()

        # then
        assert (after[0] - then[0], after[1] - then[1]) == (0, 1)


#: More lockers than are walked over; one in forty does tickets, one in three is open at night, some have a day off.
MANY = 700
NIGHTLY = {str(day): [["20:00", "02:00"]] for day in range(1, 8)}


@pytest.fixture
def lockers(org: dict[str, OrgUnit]) -> list[Place]:
    dice = random.Random(5)
    made = []
    for number in range(MANY):
        hours = dice.choice([DAILY, {**DAILY, "dates": {"2026-11-23": []}}, NIGHTLY])
        scope = ["retail", "ticketing"] if number % 40 == 0 else ["retail"]
        place = Place(
            unit=org["B111"], name=f"柜 {number}", kind=PlaceKind.LOCKER, hours=hours, business_scope=scope,
            listed_from=date(2020, 1, 1),
        )  # fmt: skip
        place.put_at(round(dice.uniform(106.0, 107.0), 6), round(dice.uniform(29.0, 30.0), 6))
        made.append(place)
    return Place.objects.bulk_create(made)


@given(
    here=st.tuples(st.floats(106.0, 107.0), st.floats(29.0, 30.0)),
    scope=st.sampled_from(["", "retail", "ticketing"]),
    open_now=st.booleans(),
    first=st.integers(1, 50),
    radius=st.sampled_from([2_000, 20_000, DEFAULT_RADIUS, 300_000]),
    at=st.sampled_from([NOON, NIGHT, NIGHT + timedelta(hours=2), NIGHT + timedelta(hours=4)]),
)
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_near_and_far_everything_agrees_with_brute_force(
    lockers: list[Place],
    here: tuple[float, float],
    scope: str,
    open_now: bool,
    first: int,
    radius: float,
    at: datetime,
) -> None:
    # given: the same question asked of every locker
    asked: Any = {"scope": scope, "open_now": open_now, "first": first, "radius": radius, "at": at}
    fits = [
        (distance_m(*here, place.lng, place.lat), place.pk)
        for place in lockers
        if (not scope or scope in place.business_scope) and (not open_now or open_at(place.hours, at))
    ]

    # when
    found = nearest(*here, kinds=[PlaceKind.LOCKER], **asked)

    # then
    expected = sorted(one for one in fits if one[0] <= radius)[:first]
    assert [(one.metres, one.place.id) for one in found] == expected


@given(points=st.lists(st.tuples(st.floats(106.0, 107.0), st.floats(29.0, 30.0)), min_size=1, max_size=12))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_scatter_comes_in_order_of_distance(
    org: dict[str, OrgUnit], points: list[tuple[float, float]]
) -> None:
    # given
    Place.objects.filter(kind=PlaceKind.LOCKER).delete()
    for number, (lng, lat) in enumerate(points):
        poi(org["B111"], f"柜 {number}", lng, lat, PlaceKind.LOCKER)

    # when
    found = nearest(*CENTRE, kinds=[PlaceKind.LOCKER], first=50, radius=200_000)

    # then
    metres = [distance_m(*CENTRE, round(lng, 6), round(lat, 6)) for lng, lat in points]
    assert [one.metres for one in found] == pytest.approx(sorted(metres), abs=0.01)


def test_the_way_there() -> None:
    # then
    assert navigation_link(106.55, 29.55, "解放碑 营业厅&") == (
        "https://uri.amap.com/navigation?to=106.550000%2C29.550000%2C%E8%A7%A3%E6%94%BE%E7%A2%91"
        "+%E8%90%A5%E4%B8%9A%E5%8E%85%26&mode=car&coordinate=gaode&callnative=1"
    )
