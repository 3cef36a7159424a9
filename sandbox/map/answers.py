"""The three questions and their answers, in the provider's form: what is empty comes as `[]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.map import gazetteer
from sandbox.map.gateway import MapError


def geocode(asked: Mapping[str, str]) -> dict[str, Any]:
    """GET /v3/geocode/geo?address=&city="""
    if not asked.get("address"):
        raise MapError("20001")
    hit = gazetteer.find(asked["address"])
    if hit is None:
        return {"count": "0", "geocodes": []}
    found = {
        "formatted_address": hit.address, "country": "中国", "province": "重庆市", "citycode": "023",
        "city": "重庆市", "district": hit.district, "township": [], "street": [], "number": [],
        "neighborhood": {"name": [], "type": []}, "building": {"name": [], "type": []},
        "adcode": hit.code, "location": f"{hit.lng:.6f},{hit.lat:.6f}", "level": hit.level,
    }  # fmt: skip
    return {"count": "1", "geocodes": [found]}


def reverse(asked: Mapping[str, str]) -> dict[str, Any]:
    """GET /v3/geocode/regeo?location=lng,lat"""
    lng, lat = _position(asked)
    name, code, metres = gazetteer.nearest_district(lng, lat)
    if metres > 120_000:
        names = ("country", "province", "city", "district", "adcode", "township")
        empty: dict[str, Any] = {name: [] for name in names}
        return {"regeocode": {"formatted_address": [], "addressComponent": empty}}
    parts = {
        "country": "中国", "province": "重庆市", "city": [], "citycode": "023", "district": name, "adcode": code,
        "township": [], "streetNumber": {"street": [], "number": []},
    }  # fmt: skip
    return {"regeocode": {"formatted_address": f"重庆市{name}", "addressComponent": parts}}


def around(asked: Mapping[str, str]) -> dict[str, Any]:
    """GET /v3/place/around?location=&keywords=&radius="""
    lng, lat = _position(asked)
    radius = asked.get("radius", "5000")
    if not radius.isdigit() or int(radius) > 50_000:
        raise MapError("20000")
    found = gazetteer.around(lng, lat, asked.get("keywords", ""), int(radius))
    pois = [
        {
            "id": f"B00{number:05d}", "name": name, "type": "地名地址信息", "address": [], "pname": "重庆市",
            "cityname": "重庆市", "adname": district, "location": f"{east:.6f},{north:.6f}",
            "distance": f"{metres:.0f}", "tel": [],
        }
        for number, (name, district, east, north, metres) in enumerate(found)
    ]  # fmt: skip
    return {"count": str(len(pois)), "pois": pois}


def _position(asked: Mapping[str, str]) -> tuple[float, float]:
    lng, _comma, lat = asked.get("location", "").partition(",")
    try:
        east, north = float(lng), float(lat)
    except ValueError:
        raise MapError("20000") from None
    if not (-180 <= east <= 180 and -90 <= north <= 90):
        raise MapError("20000")
    return east, north
