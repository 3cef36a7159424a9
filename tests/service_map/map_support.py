"""What the map's tests share: a small organisation with positions, areas and places."""

from __future__ import annotations

from datetime import date
from typing import Any

from plugins.org_hierarchy.models import OrgUnit
from plugins.service_map.kinds import PlaceKind
from plugins.service_map.models import Place
from plugins.service_map.sync import sync_all

from ..orgs import small_org

DAILY = {str(day): [["08:30", "17:30"]] for day in range(1, 8)}
#: The middle of the square that B111 serves.
CENTRE = (106.55, 29.55)


def square(west: float, south: float, size: float = 0.1) -> dict[str, Any]:
    east, north = round(west + size, 6), round(south + size, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def place_unit(unit: OrgUnit, lng: float, lat: float, **fields: Any) -> None:
    OrgUnit.objects.filter(pk=unit.pk).update(lng=lng, lat=lat, **fields)
    for name, value in {"lng": lng, "lat": lat, **fields}.items():
        setattr(unit, name, value)


def mapped_org() -> dict[str, OrgUnit]:
    """The small organisation: B111 and B112 side by side, B121 far in the north, outlets near their branches."""
    org = small_org()
    place_unit(org["B111"], 106.55, 29.55, service_area=square(106.5, 29.5), short_name="甲一支局")
    place_unit(org["B112"], 106.65, 29.55, service_area=square(106.6, 29.5), short_name="甲二支局")
    place_unit(org["B121"], 107.0, 30.5, short_name="乙一支局")
    common = {"business_hours": DAILY}
    place_unit(org["O1111"], 106.551, 29.551, business_scope=["retail", "ticketing"], **common)
    place_unit(org["O1112"], 106.56, 29.56, business_scope=["retail"], **common)
    place_unit(org["O1211"], 107.01, 30.51, business_scope=["ticketing"], **common)
    for code, region, short in (
        ("C11", "500103", "渝中"),
        ("C12", "500106", "沙坪坝"),
        ("C21", "500107", "九龙坡"),
    ):
        inside = OrgUnit.objects.filter(path__startswith=org[code].path)
        inside.update(region_code=region)
        OrgUnit.objects.filter(pk=org[code].pk).update(short_name=short)
    sync_all()
    return org


def poi(
    unit: OrgUnit, name: str, lng: float, lat: float, kind: str = PlaceKind.STATION, **fields: Any
) -> Place:
    place = Place(**{"unit": unit, "name": name, "kind": kind, "listed_from": date(2020, 1, 1), **fields})
    place.put_at(lng, lat)
    place.save()
    return place
