"""The map's API: shoppers without a login, staff within their reach."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from graphql_jwt.shortcuts import get_token
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.service_map import finding
from plugins.service_map.models import PinCorrection, Place
from plugins.service_map.ports import Located, ProviderDown
from plugins.service_map.services.communities import write_community
from saleor_o2o.kernel import pace

from ..orgs import again, person
from .map_support import CENTRE, mapped_org

pytestmark = pytest.mark.django_db
NEAREST = """query($lng: Float!, $lat: Float!, $scope: MapBusiness, $open: Boolean, $first: Int, $datum: MapDatum) {
  nearestOutlets(lng: $lng, lat: $lat, scope: $scope, openNow: $open, first: $first, datum: $datum) {
    places { place { name unitCode navigationUrl scopes } distance distanceText openState openText }
    errors { field message hint code } } }"""
SERVING = """query($lng: Float, $lat: Float, $address: ServingAddressInput) {
  servingBranch(lng: $lng, lat: $lat, address: $address) {
    code basis text note distance errors { field message code } } }"""
CORRECT = """mutation($place: ID!, $lng: Float!, $lat: Float!, $reason: String!) {
  pinCorrect(place: $place, lng: $lng, lat: $lat, reason: $reason) {
    correction { metres reason actor } errors { field message code } } }"""


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return mapped_org()


def ask(query: str, user: Any = None, **variables: Any) -> Any:
    headers = {}
    if user is not None:
        headers["HTTP_AUTHORIZATION"] = f"JWT {get_token(user)}"
    body = json.dumps({"query": query, "variables": variables})
    answer = Client().post("/graphql/", body, content_type="application/json", **headers).json()
    assert "errors" not in answer, answer
    [data] = answer["data"].values()
    return data


def test_nearest_outlets_for_anybody(org: dict[str, OrgUnit]) -> None:
    # when
    found = ask(NEAREST, lng=CENTRE[0], lat=CENTRE[1], scope="TICKETING")

    # then
    assert found["errors"] == []
    [one] = found["places"]
    assert one["place"]["unitCode"] == "O1111" and one["place"]["scopes"] == ["RETAIL", "TICKETING"]
    assert (one["distance"], one["distanceText"]) == (147, "150 米")
    assert one["place"]["navigationUrl"].startswith(
        "https://uri.amap.com/navigation?to=106.551000%2C29.551000"
    )


@pytest.mark.parametrize(
    ("variables", "field", "message", "code"),
    [
        ({"lng": 29.55, "lat": 106.55}, "lng", "经度和纬度写反了", "POSITION_INVALID"),
        ({"lng": 2.3, "lat": 48.8}, "lng", "这个位置不在中国境内", "POSITION_INVALID"),
        ({"lng": 106.55, "lat": 29.55, "first": 1000}, "first", "一次最多查询 50 个地点", "TOO_MANY"),
    ],
)
def test_what_is_wrong_is_told(
    org: dict[str, OrgUnit], variables: dict[str, Any], field: str, message: str, code: str
) -> None:
    # when
    found = ask(NEAREST, **variables)

    # then
    assert found["places"] == []
    [error] = found["errors"]
    assert (error["field"], error["message"], error["code"]) == (field, message, code)


def test_another_datum_is_another_place(org: dict[str, OrgUnit]) -> None:
    # when
    gcj, wgs = (ask(NEAREST, lng=CENTRE[0], lat=CENTRE[1], datum=datum) for datum in ("GCJ02", "WGS84"))

    # then
    assert abs(gcj["places"][0]["distance"] - wgs["places"][0]["distance"]) > 100


def test_serving_branch_by_position(org: dict[str, OrgUnit]) -> None:
    # then
    found = ask(SERVING, lng=CENTRE[0], lat=CENTRE[1])
    assert (found["code"], found["basis"], found["text"]) == ("B111", "AREA", "在甲一支局服务范围内")
    nowhere = ask(SERVING, lng=109.5, lat=31.5)
    assert nowhere["code"] is None and nowhere["errors"][0]["code"] == "NOT_SERVED"
    assert ask(SERVING)["errors"][0]["message"] == "经度和纬度要一起填写"


def test_serving_branch_by_address(org: dict[str, OrgUnit], monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the provider knows where it is
    here = Located(106.58, 29.58, "门牌号", 0.95, "", "渝中区", "500103")
    monkeypatch.setattr(finding, "locate", lambda *_a, **_k: here)

    # then
    found = ask(SERVING, address={"district": "渝中区", "street": "中山四路 1 号"})
    assert (found["code"], found["basis"], found["note"]) == ("B111", "AREA", None)


def test_a_provider_that_is_down_is_no_error(
    org: dict[str, OrgUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    def down(*_a: Any, **_k: Any) -> None:
        raise ProviderDown("TIMEOUT")

    monkeypatch.setattr(finding, "locate", down)

    # then
    found = ask(SERVING, address={"district": "渝中区", "street": "中山四路 1 号"})
    assert (found["code"], found["basis"]) == ("C11", "COUNTY")
    assert found["note"] == "地图服务暂时不可用，先按行政区划回答"
    unknown = ask(SERVING, address={"district": "海淀区", "street": "中关村"})
    assert unknown["errors"][0]["code"] == "NOT_SERVED"


@pytest.mark.parametrize("text", ["金色", "老厂", "jinse", "JSJY", "色家"])
def test_communities_by_name_alias_and_pinyin(org: dict[str, OrgUnit], text: str) -> None:
    # given
    write_community({"name": "金色家园", "aliases": "老厂宿舍", "lng": 106.55, "lat": 29.55})
    write_community({"name": "阳光城", "lng": 106.65, "lat": 29.55})

    # then
    found = ask("query($s: String!) { communities(search: $s) { name unitCode } }", s=text)
    assert found == [{"name": "金色家园", "unitCode": "B111"}]


def place_of(org: dict[str, OrgUnit], code: str) -> Place:
    return Place.objects.get(unit=org[code])


WHO = [
    ("nobody", None, None, ["NOT_FOUND"]),
    ("shopper", None, None, ["NOT_FOUND"]),
    ("viewer", "C11", ["map.view"], ["PERMISSION_DENIED"]),
    ("elsewhere", "C12", ["map.view", "map.correct"], ["NOT_FOUND"]),
    ("clerk", "B111", ["map.view", "map.correct"], []),
    ("manager", "CQ", ["map.view", "map.correct"], []),
]


@pytest.mark.parametrize(("who", "at", "permissions", "codes"), WHO)
def test_who_may_move_a_pin(
    org: dict[str, OrgUnit], who: str, at: str | None, permissions: list[str] | None, codes: list[str]
) -> None:
    # given
    user = None
    if at:
        user = again(person(org[at], who, permissions or []))
    elif who == "shopper":
        user = User.objects.create_user("shopper@example.com", "pass-word")
    place = place_of(org, "O1111")

    # when
    found = ask(CORRECT, user, place=str(place.pk), lng=106.552, lat=29.552, reason="搬了门面")

    # then
    place.refresh_from_db()
    unit = OrgUnit.objects.get(pk=place.unit_id)
    assert [error["code"] for error in found["errors"]] == codes
    moved = not codes
    assert PinCorrection.objects.count() == int(moved)
    assert (place.lng, unit.lng, unit.revision) == ((106.552, 106.552, 2) if moved else (106.551, 106.551, 1))


def test_staff_lists_are_scoped(org: dict[str, OrgUnit]) -> None:
    # given
    clerk = again(person(org["B111"], "clerk", ["map.view", "map.correct"]))
    other = again(person(org["C12"], "other", ["map.view"]))
    ask(CORRECT, clerk, place=str(place_of(org, "O1111").pk), lng=106.552, lat=29.552, reason="搬了")

    # then
    places = "query { mapPlaces { unitCode } }"
    corrections = "query { pinCorrections { reason metres } }"
    assert {one["unitCode"] for one in ask(places, clerk)} == {"B111", "O1111", "O1112"}
    assert {one["unitCode"] for one in ask(places, other)} == {"B121", "O1211"}
    assert ask(places) == []
    assert [one["reason"] for one in ask(corrections, clerk)] == ["搬了"]
    assert ask(corrections, other) == []
    assert ask('query { pinCorrections(place: "x") { reason } }', clerk) == []


# -- pace ------------------------------------------------------------------------------------------


def test_who_asks_without_end_is_told_when_to_come_back(
    org: dict[str, OrgUnit], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    moment = datetime(2026, 11, 23, 12, 0, 18, tzinfo=UTC)
    monkeypatch.setattr(pace, "now", lambda: moment)
    settings.O2O_MAP_PACE = {"ASKED": 3, "LOOKED_UP": 0, "LOOKED_UP_BY_ALL": 0}
    cache.clear()
    near = "{ nearestOutlets(lng: 106.55, lat: 29.55) { errors { code message hint retryAfter } } }"
    serving = "{ servingBranch(lng: 106.55, lat: 29.55) { errors { code retryAfter } } }"

    # when
    answered = [ask(query)["errors"] for query in (near, serving, near)]

    # then
    assert answered == [[], [], []]
    assert ask(serving)["errors"] == [{"code": "TOO_OFTEN", "retryAfter": 42}]
    assert ask(near)["errors"] == [
        {"code": "TOO_OFTEN", "message": "查询太频繁了", "hint": "请 42 秒后再试", "retryAfter": 42}
    ]
    # somebody else, and the same one a minute later, are answered
    assert ask(near, User.objects.create_user("pace@example.com", "x"))["errors"] == []
    monkeypatch.setattr(pace, "now", lambda: moment + timedelta(seconds=42))
    assert ask(near)["errors"] == []
