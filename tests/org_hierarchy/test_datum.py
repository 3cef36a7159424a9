"""Positions: conversions there and back, and what is refused in which words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.org_hierarchy.datum import CITY, check_position, convert
from plugins.org_hierarchy.errors import OrgError, OrgErrorCode
from plugins.org_hierarchy.geometry import distance_m
from plugins.org_hierarchy.levels import Datum

JIEFANGBEI = (106.577033, 29.557236)
LNGS = st.floats(CITY[0] + 0.1, CITY[2] - 0.1)
LATS = st.floats(CITY[1] + 0.1, CITY[3] - 0.1)
DATUMS = st.sampled_from(list(Datum))


@given(LNGS, LATS, DATUMS, DATUMS)
def test_there_and_back_is_the_same_place(lng: float, lat: float, one: Datum, other: Datum) -> None:
    # when
    back = convert(*convert(lng, lat, one, other), other, one)

    # then: closer than the six digits that are stored
    assert distance_m(lng, lat, *back) < 0.1


@given(LNGS, LATS)
def test_the_three_systems_lie_hundreds_of_metres_apart(lng: float, lat: float) -> None:
    # then
    assert 300 < distance_m(lng, lat, *convert(lng, lat, Datum.WGS84, Datum.GCJ02)) < 900
    assert 600 < distance_m(lng, lat, *convert(lng, lat, Datum.GCJ02, Datum.BD09)) < 1300


@given(LNGS, LATS, DATUMS)
def test_a_swapped_pair_is_called_swapped(lng: float, lat: float, datum: Datum) -> None:
    # when
    with pytest.raises(OrgError) as refused:
        check_position(lat, lng, datum)

    # then
    assert refused.value.code == OrgErrorCode.POSITION_INVALID
    assert refused.value.message == "经度和纬度写反了"
    assert refused.value.hint == f"经度在前，纬度在后：是不是 {lng:g}, {lat:g}？"


@pytest.mark.parametrize(
    ("datum", "expected"),
    [
        (Datum.GCJ02, (106.577033, 29.557236)),
        (Datum.WGS84, (106.580866, 29.554325)),
        (Datum.BD09, (106.570529, 29.551238)),
    ],
)
def test_one_pair_in_each_system(datum: Datum, expected: tuple[float, float]) -> None:
    # then: a few metres are enough to tell the systems apart
    assert distance_m(*check_position(*JIEFANGBEI, datum), *expected) < 80


@pytest.mark.parametrize("given_as", [str, Decimal, float])
def test_numbers_and_their_text_are_taken_and_rounded(given_as: Any) -> None:
    # then
    assert check_position(given_as("106.57703349"), given_as("29.5572361")) == (106.577033, 29.557236)


@pytest.mark.parametrize(
    ("lng", "lat", "field", "message"),
    [
        ("", 29.5, "lng", "经度和纬度要一起填写"),
        (106.5, None, "lat", "经度和纬度要一起填写"),
        ("东经一百", 29.5, "lng", "经度和纬度应是数字"),
        (float("nan"), 29.5, "lng", "经度和纬度应是数字"),
        (106.5, float("inf"), "lat", "经度和纬度应是数字"),
        (True, 29.5, "lng", "经度和纬度应是数字"),
        ([106.5], 29.5, "lng", "经度和纬度应是数字"),
        (11864000.0, 3442000.0, "lng", "坐标应是经纬度（度），不是投影坐标（米）"),
        (2.3522, 48.8566, "lng", "这个位置不在中国境内"),
        (116.397, 39.908, "lng", "这个位置不在本市范围内"),
        (0, 0, "lng", "这个位置不在中国境内"),
    ],
)
def test_what_is_refused_says_why(lng: Any, lat: Any, field: str, message: str) -> None:
    # when
    with pytest.raises(OrgError) as refused:
        check_position(lng, lat)

    # then
    assert (refused.value.code, refused.value.field, refused.value.message) == (
        OrgErrorCode.POSITION_INVALID,
        field,
        message,
    )


def test_an_unknown_datum_is_refused() -> None:
    # when
    with pytest.raises(OrgError) as refused:
        check_position(*JIEFANGBEI, "cgcs2000")

    # then
    assert (refused.value.field, refused.value.message) == ("datum", "没有这种坐标系")


def test_another_city_has_other_bounds(settings: Any) -> None:
    # given
    settings.O2O_CITY_BOUNDS = (115.4, 39.4, 117.6, 41.1)

    # then
    assert check_position(116.397, 39.908) == (116.397, 39.908)
    with pytest.raises(OrgError, match="不在本市范围内"):
        check_position(*JIEFANGBEI)
