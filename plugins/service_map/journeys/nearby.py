"""Journey ``nearby``: the nearest outlet that sells tickets, who serves an address, a pin that stood wrong, an area."""

from __future__ import annotations

import secrets
from typing import Any

from saleor_o2o.journeys.world import World

from .board import draw

#: A visitor at 解放碑, as 高德 says it.
HERE = (106.5770, 29.5572)
NEAREST = """query($lng: Float!, $lat: Float!, $scope: MapBusiness, $open: Boolean, $datum: MapDatum) {
  nearestOutlets(lng: $lng, lat: $lat, scope: $scope, openNow: $open, datum: $datum, first: 5) {
    places { place { id name lng lat navigationUrl } distance distanceText openState openText }
    errors { message hint code } } }"""
NEAREST_STATIONS = """query($lng: Float!, $lat: Float!) {
  nearestPlaces(lng: $lng, lat: $lat, kinds: [STATION], first: 1) {
    places { place { name } distanceText openText } } }"""
SERVING = """query($lng: Float, $lat: Float, $address: ServingAddressInput) {
  servingBranch(lng: $lng, lat: $lat, address: $address) { name basis text note errors { message code } } }"""
COMMUNITIES = "query($search: String!) { communities(search: $search, first: 3) { name unitName } }"
CORRECT = """mutation($place: ID!, $lng: Float!, $lat: Float!, $reason: String!) {
  pinCorrect(place: $place, lng: $lng, lat: $lat, reason: $reason) {
    correction { metres } errors { message code } } }"""


def play(world: World) -> None:
    """Find, ask, be told what is wrong, and mend a pin."""
    found = _nearest(world, scope="TICKETING")
    world.expect("有能办票务的网点", len(found["places"]) >= 2, True)
    for one in found["places"][:3]:
        world.step(f"最近能买车票的网点：{one['place']['name']}，{one['distanceText']}，{one['openText']}")
    distances = [one["distance"] for one in found["places"]]
    world.expect("由近到远", distances, sorted(distances))
    opened = _nearest(world, scope="TICKETING", open=True)["places"]
    world.expect("只看营业中的", {one["openState"] for one in opened} <= {"OPEN"}, True)
    world.step(
        f"只看现在营业的：{len(opened)} 个" + (f"，{opened[0]['openText']}" if opened else "，都已休息")
    )
    [station] = world.ask(NEAREST_STATIONS, {"lng": HERE[0], "lat": HERE[1]})["nearestPlaces"]["places"]
    world.step(f"最近的车站：{station['place']['name']}，{station['distanceText']}，{station['openText']}")

    swapped = world.ask(NEAREST, {"lng": HERE[1], "lat": HERE[0]})["nearestOutlets"]
    world.expect("写反的坐标", [one["code"] for one in swapped["errors"]], ["POSITION_INVALID"])
    world.step(f"坐标写反了：{swapped['errors'][0]['message']}，{swapped['errors'][0]['hint']}")
    gps = _nearest(world, datum="WGS84")["places"][0]["distance"]
    world.expect("不同坐标系的距离不同", gps != _nearest(world)["places"][0]["distance"], True)
    world.step("同一组数字按 GPS 坐标系理解，就是几百米外的另一处")

    _who_serves(world)
    _mend_a_pin(world, found["places"][1])
    draw(world)


def _nearest(world: World, **asked: Any) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask(NEAREST, {"lng": HERE[0], "lat": HERE[1], **asked})["nearestOutlets"]
    world.expect("查附近的错误", answer["errors"], [])
    return answer


def _who_serves(world: World) -> None:
    here = world.ask(SERVING, {"lng": HERE[0], "lat": HERE[1]})["servingBranch"]
    world.expect("按位置找支局的依据", here["basis"], "AREA")
    world.step(f"这个位置由谁服务：{here['name']}（{here['text']}）")
    community = world.ask(COMMUNITIES, {"search": "jfb"})["communities"][0]
    address = {"district": "渝中区", "street": f"{community['name']} 3 栋"}
    known = world.ask(SERVING, {"address": address})["servingBranch"]
    world.expect("按小区找支局的依据", known["basis"], "COMMUNITY")
    world.step(f"拼音首字母 jfb 找到小区「{community['name']}」；地址写小区名：{known['text']}")

    street = {"district": "渝中区", "street": "民权路 28 号"}
    asked = world.ask(SERVING, {"address": street})["servingBranch"]
    world.expect("问过地图的依据", asked["basis"] in ("AREA", "NEAREST"), True)
    world.step(f"没写小区的地址，问高德：{asked['text']}")
    # an address that no earlier run has asked for: answers are kept
    street = {"district": "渝中区", "street": f"和平路 {secrets.randbelow(10**9) + 1} 号"}
    world.sandbox.fault("geocode", "http_500", times=None, system="map")
    down = world.ask(SERVING, {"address": street})["servingBranch"]
    world.expect("高德故障时", (down["basis"], down["errors"]), ("COUNTY", []))
    world.step(f"高德故障：{down['text']}；{down['note']}")
    world.sandbox.clear_faults()
    again = world.ask(SERVING, {"address": street})["servingBranch"]
    world.expect("高德恢复后", again["basis"] in ("AREA", "NEAREST"), True)
    nobody = world.ask(SERVING, {"address": {"district": "海淀区", "street": "中关村"}})["servingBranch"]
    world.expect("外地地址", [one["code"] for one in nobody["errors"]], ["NOT_SERVED"])
    world.step(f"高德恢复，答复更准：{again['text']}；外地地址：{nobody['errors'][0]['message']}")


def _mend_a_pin(world: World, wrong: dict[str, Any]) -> None:
    place = wrong["place"]
    moved = {
        "place": place["id"],
        "lng": HERE[0] + 0.0001,
        "lat": HERE[1],
        "reason": "门面在路口，原来标在背后",
    }
    shopper = world.ask(CORRECT, moved, who="shopper1")["pinCorrect"]
    world.expect("顾客不能改位置", [one["code"] for one in shopper["errors"]], ["NOT_FOUND"])
    foreign = world.ask(CORRECT, moved, who="county_wanzhou_ops")["pinCorrect"]
    world.expect("别的区县不能改位置", [one["code"] for one in foreign["errors"]], ["NOT_FOUND"])
    done = world.ask(CORRECT, moved, who="county_yuzhong_ops")["pinCorrect"]
    world.expect("区县纠正位置", done["errors"], [])
    first = _nearest(world, scope="TICKETING")["places"][0]
    world.expect("纠正后最近的网点", first["place"]["id"], place["id"])
    metres = f"{done['correction']['metres']:.0f} 米"
    world.step(f"「{place['name']}」标错了，区县主任把它移动 {metres}：现在它最近，{first['distanceText']}")
    back = {**moved, "lng": place["lng"], "lat": place["lat"], "reason": "核对后恢复"}
    world.expect("恢复位置", world.ask(CORRECT, back, who="county_yuzhong_ops")["pinCorrect"]["errors"], [])
    world.step("核对后又移回去：两次都有记录，机构各多了一个版本")
