"""The nearest places: order, filters, one statement, and the index."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.org_hierarchy.interfaces import distance_m
from plugins.org_hierarchy.models import OrgUnit
from plugins.service_map.errors import MapError, MapErrorCode
from plugins.service_map.kinds import PlaceKind, PlaceStatus
from plugins.service_map.models import Place
from plugins.service_map.nearest import navigation_link, nearest, query
from saleor_o2o.kernel.clock import SHANGHAI, now, today

from .map_support import CENTRE, mapped_org, poi

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
    assert [one.place.unit.code for one in found] == ["O1111", "O1112", "O1211"]
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
        assert len({one.place.unit.name for one in found}) == 1


def test_the_order_comes_from_the_index(org: dict[str, OrgUnit]) -> None:
    # given
    rows = query(*CENTRE, scope="ticketing", open_now=True, at=now())[:10]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")

    # then
    plan = rows.explain()
    assert "Index Scan using o2o_map_outlet_earth" in plan
    assert "Order By" in plan and "Sort" not in plan


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
