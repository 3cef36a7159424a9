"""Places are found by whatever people begin to type."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.ticketing.coach.models import Line, Station
from plugins.ticketing.coach.names import best, fits, pinyin_of, plain, stem
from plugins.ticketing.coach.seeds import station_rows
from plugins.ticketing.coach.selectors.places import home
from plugins.ticketing.kernel.trades import sold_as

from ...orgs import small_org


@pytest.fixture(scope="module")
def stations() -> list[Station]:
    return station_rows([])


@pytest.mark.django_db
def test_where_a_counter_begins() -> None:
    # given: a branch with a station next to it, another one without, and the station with the most lines
    org = small_org()
    near, county, busy, far = (
        Station.objects.create(code=code, name=code, city="重庆", unit=unit)
        for code, unit in (("A", org["B111"]), ("B", org["C11"]), ("C", None), ("D", None))
    )
    Line.objects.create(code="1", start=far, terminal=near)
    for number, goal in ((2, near), (3, far)):
        Line.objects.create(code=str(number), start=busy, terminal=goal)

    # when
    def begins(unit: Any, *stations: Station) -> str:
        found = home(unit, stations)
        return found.code if found else ""

    # then
    assert begins(org["B111"], far, busy, county, near) == "A"
    assert begins(org["B111"], far, busy, county) == "B"
    assert begins(org["CQ"], far, near, busy) == "C"
    assert begins(None, far, near, busy) == "C"
    assert begins(None, near, far) == "D" and begins(None, near) == "A" and begins(None) == ""


@pytest.mark.django_db
def test_a_counter_begins_nearby() -> None:
    # given: two stations in town, the one further off with more lines, a busier one far away, one without buses
    org = small_org()
    places = {"A": (106.55, 29.60), "B": (106.60, 29.65), "C": (104.07, 30.67), "D": (106.57, 29.55)}
    made = {
        code: Station.objects.create(code=code, name=code, city="重庆", lng=lng, lat=lat)
        for code, (lng, lat) in places.items()
    }
    for trip in ("AD", "BD", "BA", "CD", "CA", "CB"):
        Line.objects.create(code=trip, start=made[trip[0]], terminal=made[trip[1]])

    # when
    def begins(lng: float, lat: float, stations: str) -> str:
        unit = org["B111"]
        unit.lng, unit.lat = lng, lat
        found = home(unit, [made[code] for code in stations])
        return found.code if found else ""

    # then: in town the one with more lines; where none is around the nearest with any
    assert begins(106.57, 29.55, "ABCD") == "B"
    assert begins(106.57, 29.55, "ACD") == "A"
    assert begins(105.00, 30.50, "ABCD") == "C"
    assert begins(106.57, 29.55, "D") == "D"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("重庆龙头寺汽车站", "龙头寺"),
        ("龙头寺站", "龙头寺"),
        ("合川区", "合川"),
        ("重庆市合川区", "合川"),
        ("忠县", "忠县"),
        ("彭水苗族土家族自治县", "彭水苗族土家族"),
        ("泸州客运中心站", "泸州"),
        ("宜宾高速客运站", "宜宾"),
        ("重庆", "重庆"),
    ],
)
def test_what_is_left_of_a_name(name: str, short: str) -> None:
    assert stem(name) == short


def test_pinyin() -> None:
    assert pinyin_of("涪陵") == ("fuling", "fl")
    assert plain("  重庆·龙头寺 站") == "重庆龙头寺站"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("涪陵", "CQ-FL"),
        ("重庆涪陵", "CQ-FL"),
        ("fl", "CQ-FL"),
        ("fuling", "CQ-FL"),
        ("fuli", "CQ-FL"),
        ("龙头寺", "CQ-LTS"),
        ("lts", "CQ-LTS"),
        ("SN", "SC-SN"),
        ("忠庄", "GZ-ZY"),
    ],
)
def test_the_first_place_that_is_found(stations: list[Station], typed: str, first: str) -> None:
    assert best(stations, typed)[0].code == first  # type: ignore[attr-defined]


def test_a_town_finds_all_of_its_stations(stations: list[Station]) -> None:
    # when
    found = {one.code for one in best(stations, "主城")}  # type: ignore[attr-defined]
    # then
    assert found == {"CQ-LTS", "CQ-BZN", "CQ-HQH", "CQ-CJP", "CQ-SGL"}
    assert all(fits(one, "zzz") == 0 and fits(one, "") == 0 for one in stations)


@pytest.mark.django_db
def test_a_line_is_named_by_its_key() -> None:
    # given
    start, goal = (Station.objects.create(code=code, name=code, city="重庆") for code in ("龙头寺", "武隆"))
    line = Line.objects.create(code="LTS-WL", start=start, terminal=goal)

    # then
    assert sold_as("coach", "coach:LTS-WL") == str(line)
    assert [sold_as("coach", key) for key in ("coach:LTS", "product:1", "", "LTS-WL")] == [""] * 4
