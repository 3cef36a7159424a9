"""Areas: what is tidied, what is refused and where, what lies within."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.org_hierarchy.errors import OrgError, OrgErrorCode
from plugins.org_hierarchy.geometry import MAX_POINTS, area_km2, check_polygon, contains, distance_m
from plugins.org_hierarchy.levels import Datum

SQUARE = [[106.5, 29.5], [106.6, 29.5], [106.6, 29.6], [106.5, 29.6]]
HOLE = [[106.54, 29.54], [106.56, 29.54], [106.56, 29.56], [106.54, 29.56]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_rings_are_closed_turned_and_rounded() -> None:
    # given: clockwise, open, a point twice, more digits than needed, the hole the wrong way round too
    clockwise = [SQUARE[0], SQUARE[3], [106.6000000004, 29.6], SQUARE[2], SQUARE[1]]

    # when
    area = check_polygon(json.dumps({"type": "Feature", "geometry": polygon(clockwise, HOLE)}))

    # then: outer ring anticlockwise, hole clockwise
    outer, hole = area["coordinates"]
    assert outer == [[106.5, 29.5], [106.6, 29.5], [106.6, 29.6], [106.5, 29.6], [106.5, 29.5]]
    assert hole == [[106.54, 29.54], [106.54, 29.56], [106.56, 29.56], [106.56, 29.54], [106.54, 29.54]]
    assert check_polygon(area) == area


def test_a_hole_is_not_within() -> None:
    # given
    area = check_polygon(polygon(SQUARE, HOLE))

    # then
    assert contains(area, 106.51, 29.51)
    assert contains(area, 106.5, 29.55)  # the edge belongs to it
    assert not contains(area, 106.55, 29.55)
    assert not contains(area, 106.7, 29.55)


def test_square_kilometres() -> None:
    # given: a tenth of a degree is 11.12 km northwards and cos(29.55°) of that eastwards
    expected = 11.1195**2 * math.cos(math.radians(29.55))

    # then
    assert area_km2(check_polygon(polygon(SQUARE))) == pytest.approx(expected, rel=1e-4)
    assert area_km2(check_polygon(polygon(SQUARE, HOLE))) == pytest.approx(expected * 0.96, rel=1e-4)


def test_points_of_another_datum_are_converted() -> None:
    # when
    area = check_polygon(polygon(SQUARE), Datum.WGS84)

    # then
    assert 300 < distance_m(*area["coordinates"][0][0], *SQUARE[0]) < 900


REFUSED = {
    "服务范围应是 GeoJSON": "not json",
    "服务范围应是多边形（Polygon 或 MultiPolygon）": {"type": "Point", "coordinates": [106.5, 29.5]},
    "服务范围里没有坐标": {"type": "MultiPolygon", "coordinates": []},
    "服务范围的坐标格式不对": {"type": "Polygon", "coordinates": [106.5, 29.5]},
    "第 2 个点不是 [经度, 纬度]": polygon([SQUARE[0], "106.6,29.5", SQUARE[2]]),
    "第 1 个点：经度和纬度写反了": polygon([[lat, lng] for lng, lat in SQUARE]),
    "第 3 个点：这个位置不在本市范围内": polygon([SQUARE[0], SQUARE[1], [116.4, 39.9]]),
    "边界至少要有三个不同的点": polygon([SQUARE[0], SQUARE[1], SQUARE[1], SQUARE[0]]),
    "边界线在 106.550000, 29.550000 处自己交叉了": polygon([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]),
    "106.700000, 29.700000 处的空洞在范围之外": polygon(
        SQUARE, [[106.7, 29.7], [106.71, 29.7], [106.71, 29.71]]
    ),
    "范围太小了，边界不能缩成一条线或一个点": polygon(
        [[106.5, 29.5], [106.500001, 29.5], [106.500001, 29.500001]]
    ),
    f"边界最多 {MAX_POINTS} 个点": polygon([SQUARE[0]] * (MAX_POINTS + 1)),
}


@pytest.mark.parametrize(("message", "area"), REFUSED.items())
def test_what_is_refused_says_where(message: str, area: Any) -> None:
    # when
    with pytest.raises(OrgError) as refused:
        check_polygon(area)

    # then
    assert (refused.value.code, refused.value.message) == (OrgErrorCode.POLYGON_INVALID, message)


@given(
    st.floats(106.0, 107.0),
    st.floats(29.0, 30.0),
    st.lists(st.floats(0.01, 0.1), min_size=3, max_size=40),
)
def test_every_star_around_a_point_is_an_area_that_holds_it(
    lng: float, lat: float, radii: list[float]
) -> None:
    # given: one point on each ray from the middle never crosses itself
    step = 2 * math.pi / len(radii)
    ring = [[lng + r * math.cos(i * step), lat + r * math.sin(i * step)] for i, r in enumerate(radii)]

    # when
    area = check_polygon(polygon(ring))

    # then
    assert contains(area, lng, lat)
    assert 0 < area_km2(area) < math.pi * 11.2**2


@given(st.floats(105.3, 110.2), st.floats(28.2, 32.2), st.floats(105.3, 110.2), st.floats(28.2, 32.2))
def test_metres_are_the_same_there_and_back(a: float, b: float, c: float, d: float) -> None:
    # then
    assert distance_m(a, b, c, d) == pytest.approx(distance_m(c, d, a, b), abs=1e-6)
    assert distance_m(a, b, a, b) == 0
    assert distance_m(a, 29.0, a, 30.0) == pytest.approx(111_195, abs=1)
