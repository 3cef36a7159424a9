"""The plan of the seeded tree: what is to be where, worked out from the table of counties; nothing is written here.

Positions are GCJ-02. A county's first branch stands at its seat, the others on a spiral around it, so that they spread
evenly, and nearer to it than to any other county's seat; outlets stand around their branch. Service areas are the
branches' Voronoi cells, cut at a branch's reach: they never overlap, and have no gap where branches are near each
other.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import shapely
from shapely.geometry import MultiPoint, Point, mapping

from saleor_o2o.seeding.regions import Region, regions

from ..geometry import distance_m
from ..levels import BusinessScope, Level

CITY_CODE = "5001"
CITY_SEAT = (106.5516, 29.5630)
METRES_PER_DEGREE = 111_320.0
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
#: Outlets of a branch beside its business hall, and how far they stand, in kilometres.
OUTLETS = ("人民路", "新城", "老街", "车站")
OUTLET_DISTANCE = 0.9
#: The furthest that a branch serves, in degrees (about 13 km).
REACH = 0.12

WEEKDAYS = {str(day): [["08:30", "17:30"]] for day in range(1, 6)}
HALL_HOURS = {**WEEKDAYS, "6": [["09:00", "17:00"]], "7": [["09:00", "16:30"]]}
OUTLET_HOURS = {**WEEKDAYS, "6": [["09:00", "12:00"]]}
LONG_HOURS = {str(day): [["08:00", "20:30"]] for day in range(1, 8)}
STATION_HOURS = {str(day): [["06:30", "22:00"]] for day in range(1, 8)}

ALL = [scope.value for scope in BusinessScope]
SCOPES = {
    "人民路": [BusinessScope.RETAIL, BusinessScope.BILLS, BusinessScope.CONVENIENCE],
    "新城": [BusinessScope.RETAIL, BusinessScope.BILLS, BusinessScope.PRODUCE, BusinessScope.DELIVERY],
    "老街": [BusinessScope.BILLS, BusinessScope.CONVENIENCE, BusinessScope.PRODUCE],
    "车站": [BusinessScope.TICKETING, BusinessScope.RETAIL, BusinessScope.TOURISM],
}


@dataclass(frozen=True)
class Plan:
    """One unit that is to be there."""

    code: str
    parent: str
    level: Level
    name: str
    short_name: str
    region_code: str = ""
    postcode: str = ""
    address: str = ""
    lng: float | None = None
    lat: float | None = None
    hours: dict[str, Any] | None = None
    scope: tuple[str, ...] = ()
    area: dict[str, Any] | None = None
    radius: int | None = None


@cache
def plans() -> tuple[Plan, ...]:
    """Every unit, parents first."""
    drawn = list(_draw())
    branches = [plan for plan in drawn if plan.level == Level.BRANCH]
    cells = dict(zip((plan.code for plan in branches), _cells(branches), strict=True))
    return tuple(
        Plan(**{**plan.__dict__, "area": cells[plan.code]}) if plan.code in cells else plan for plan in drawn
    )


def _draw() -> Iterator[Plan]:
    places = {region.code: region for region in regions()}
    table = tomllib.loads(files(__package__).joinpath("chongqing.toml").read_text(encoding="utf-8"))
    seats = {county["name"]: _seat(county, places) for area in table["area"] for county in area["counties"]}
    yield Plan(
        CITY_CODE, "", Level.CITY, "重庆市邮政市中心", "市中心", "50", "400010",
        "渝中区民权路示例大厦", *CITY_SEAT, HALL_HOURS,
    )  # fmt: skip
    for number, area in enumerate(table["area"], start=1):
        code = f"{CITY_CODE}-{number:02d}"
        short = area["name"].removesuffix("中心")
        yield Plan(code, CITY_CODE, Level.AREA, area["name"], short, hours=HALL_HOURS)
        for order, county in enumerate(area["counties"], start=1):
            region = places.get(county["code"])
            postcode = region.postcode if region else "400020"
            yield from _county(f"{code}-{order:02d}", code, county, seats, postcode)


def _seat(county: dict[str, Any], places: dict[str, Region]) -> tuple[float, float]:
    """Where a county's seat is: its own entry's, else its region's."""
    if "lng" in county:
        return county["lng"], county["lat"]
    return places[county["code"]].longitude, places[county["code"]].latitude


def _county(
    code: str, parent: str, county: dict[str, Any], seats: dict[str, tuple[float, float]], postcode: str
) -> Iterator[Plan]:
    name, towns = county["name"], county["towns"].split()
    seat = seats[name]
    yield Plan(
        code, parent, Level.COUNTY, f"{name}区县中心", name, county["code"], postcode,
        f"{name}{towns[0]}邮政大楼", *_beside(seat, 0.2, 1.0), HALL_HOURS,
    )  # fmt: skip
    for number, town in enumerate(towns):
        distance = county["radius"] * math.sqrt(number / len(towns))
        at = _near_own_seat(seat, distance, number * GOLDEN_ANGLE, seats)
        branch = f"{code}-{number + 1:03d}"
        yield Plan(
            branch, code, Level.BRANCH, f"{name}{town}支局业务处理中心", f"{town}支局", county["code"], postcode,
            f"{name}{town}正街{number * 7 % 90 + 1}号", *at, HALL_HOURS, tuple(ALL), None, 3000,
        )  # fmt: skip
        yield Plan(
            f"{branch}-01", branch, Level.OUTLET, f"{name}{town}营业厅", f"{town}营业厅", county["code"], postcode,
            f"{name}{town}正街{number * 7 % 90 + 1}号一楼", *at,
            LONG_HOURS if town == "解放碑" else HALL_HOURS, tuple(ALL), None, 1500,
        )  # fmt: skip
        for place, street in enumerate(OUTLETS):
            yield Plan(
                f"{branch}-{place + 2:02d}", branch, Level.OUTLET, f"{name}{town}{street}网点", f"{town}{street}网点",
                county["code"], postcode, f"{name}{town}{street}{place * 13 + number + 1}号",
                *_beside(at, OUTLET_DISTANCE * (1 + place / 4), number + place * math.pi / 2),
                STATION_HOURS if street == "车站" else OUTLET_HOURS,
                tuple(SCOPES[street]), None, 1000,
            )  # fmt: skip


def _near_own_seat(
    seat: tuple[float, float], kilometres: float, angle: float, seats: dict[str, tuple[float, float]]
) -> tuple[float, float]:
    """As far out as asked, or less where another county's seat would be nearer."""
    at = _beside(seat, kilometres, angle)
    while min(seats.values(), key=lambda other: distance_m(other[0], other[1], at[0], at[1])) != seat:
        kilometres *= 0.8
        at = _beside(seat, kilometres, angle)
    return at


def _beside(at: tuple[float, float], kilometres: float, angle: float) -> tuple[float, float]:
    lng, lat = at
    degrees = kilometres * 1000 / METRES_PER_DEGREE
    return (
        round(lng + degrees * math.cos(angle) / math.cos(math.radians(lat)), 6),
        round(lat + degrees * math.sin(angle), 6),
    )


def _cells(branches: list[Plan]) -> Iterator[dict[str, Any]]:
    """One GeoJSON polygon per branch, in their order."""
    points = [Point(plan.lng, plan.lat) for plan in branches]
    cells = shapely.voronoi_polygons(MultiPoint(points), ordered=True)
    for point, cell in zip(points, cells.geoms, strict=True):
        # Rounding moves neighbours' common corners alike, so cells stay without overlap.
        cut = shapely.set_precision(cell.intersection(point.buffer(REACH, quad_segs=6)), 1e-6)
        yield mapping(cut)
