"""Which branch serves a position or an address, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import shapely
from django.db.models import Value
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus, distance_m, shape_of
from saleor_o2o.kernel.clock import today

from .distances import in_words
from .earth import Around, Earth, Nearness, point
from .kinds import PlaceKind, PlaceStatus
from .models import Community, Place, ServiceArea
from .regions import district_code, district_name, merged_districts

#: Metres within which the nearest branch serves a place that lies in nobody's area.
NEAREST_WITHIN = 20_000


class Basis(StrEnum):
    """Why a unit serves a place."""

    AREA = "area"
    NEAREST = "nearest"
    COMMUNITY = "community"
    TOWN = "town"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class Serving:
    """The serving unit, why it is the one, in words, and the metres to it where a position is known."""

    unit: OrgUnit
    basis: Basis
    text: str
    metres: float | None = None


# -- by position ---------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def _prepared(unit_id: int, mark: str, area: _Sealed) -> Any:
    geometry = shape_of(area.geojson)
    shapely.prepare(geometry)
    return geometry


class _Sealed:
    """An area as a key of the cache that is never compared: unit and mark say which it is."""

    def __init__(self, geojson: Mapping[str, Any]) -> None:
        self.geojson = geojson

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sealed)


def serve_at(lng: float, lat: float) -> Serving | None:
    """The open branch that serves a position (GCJ-02): the smallest area around it, else the nearest within 20 km.

    One statement, a second one where no area holds the position. None when nobody serves it.
    """
    boxes = ServiceArea.objects.filter(
        west__lte=lng, east__gte=lng, south__lte=lat, north__gte=lat, unit__level=Level.BRANCH,
        unit__status=UnitStatus.ACTIVE, unit__effective_from__lte=today(),
    ).select_related("unit").order_by("km2", "unit_id")  # fmt: skip
    for box in boxes:
        if shapely.intersects_xy(_prepared(box.unit_id, box.mark, _Sealed(box.area)), lng, lat):
            name = box.unit.short_name or box.unit.name
            text = _("在%(unit)s服务范围内") % {"unit": name}
            return Serving(box.unit, Basis.AREA, text, metres_to(box.unit, lng, lat))
    return _nearest(lng, lat)


def areas_at(lng: float, lat: float) -> list[OrgUnit]:
    """The branches whose area holds a position (GCJ-02), the smallest first, whatever their status. One statement."""
    boxes = ServiceArea.objects.filter(
        west__lte=lng, east__gte=lng, south__lte=lat, north__gte=lat, unit__level=Level.BRANCH
    ).select_related("unit").order_by("km2", "unit_id")  # fmt: skip
    return [
        box.unit
        for box in boxes
        if shapely.intersects_xy(_prepared(box.unit_id, box.mark, _Sealed(box.area)), lng, lat)
    ]


def _nearest(lng: float, lat: float) -> Serving | None:
    here, place = point(lng, lat), Earth("lat", "lng")
    found = (
        Place.objects.filter(
            Around(here, Value(NEAREST_WITHIN), place),
            status=PlaceStatus.LISTED, kind=PlaceKind.BRANCH, listed_from__lte=today(),
            unit__status=UnitStatus.ACTIVE,
        )
        .select_related("unit")
        .order_by(Nearness(Earth("lat", "lng"), here))
        .first()
    )  # fmt: skip
    if found is None:
        return None
    metres = distance_m(lng, lat, found.lng, found.lat)
    if metres > NEAREST_WITHIN:
        return None
    text = _("不在任何支局的服务范围内，由最近的%(unit)s服务，相距 %(distance)s") % {
        "unit": found.unit.short_name or found.unit.name,
        "distance": in_words(metres),
    }
    return Serving(found.unit, Basis.NEAREST, text, metres)


def metres_to(unit: OrgUnit, lng: float, lat: float) -> float | None:
    """Metres from a position to a unit; None for a unit without one."""
    if unit.lng is None or unit.lat is None:
        return None
    return distance_m(lng, lat, unit.lng, unit.lat)


# -- by address ----------------------------------------------------------------------------------

#: One statement for the county, the branch whose town the street names, and the branch of a community that it names.
_BY_ADDRESS = """
WITH county AS (
    SELECT id, path, region_code,
           row_number() OVER (ORDER BY (region_code = %(code)s) DESC, length(short_name) DESC, id) AS place
    FROM {unit}
    WHERE level = %(county)s AND status = 'active' AND effective_from <= %(today)s
      AND ((region_code <> '' AND region_code = %(code)s)
           OR (short_name <> '' AND EXISTS (
               SELECT 1 FROM unnest(%(districts)s::text[]) AS said(name) WHERE starts_with(said.name, short_name))))
    ORDER BY place LIMIT %(most)s
), found AS (
    SELECT c.unit_id AS id, 'community' AS basis, c.name AS word, 3 AS rank, length(c.name) AS size
    FROM {community} c JOIN county ON c.region_code = county.region_code
    WHERE c.is_active AND (strpos(%(street)s, c.name) > 0
       OR EXISTS (SELECT 1 FROM unnest(c.aliases) AS said(word) WHERE strpos(%(street)s, said.word) > 0))
    UNION ALL
    SELECT b.id, 'town', replace(b.short_name, '支局', ''), 2, length(b.short_name)
    FROM {unit} b JOIN county ON b.path LIKE county.path || '%%'
    WHERE b.level = %(branch)s AND length(b.short_name) > 2
      AND strpos(%(street)s, replace(b.short_name, '支局', '')) > 0
    UNION ALL
    SELECT id, 'county', '', 1, -place FROM county
)
SELECT u.*, found.basis, found.word FROM found JOIN {unit} u ON u.id = found.id
WHERE u.status = 'active' AND u.effective_from <= %(today)s
ORDER BY found.rank DESC, found.size DESC, u.id LIMIT 1
"""


def unit_of_address(district: str, street: str = "") -> Serving | None:
    """The open unit that serves an address as written, from data at hand: one statement.

    A district that was made of several, each with a centre of its own still, is looked for in all of them.

    The branch of a community that the street names; else the branch whose town it names; else the county. None when
    the district is not known here.
    """
    name = district_name(district)
    if not name or len(name) > 40:
        return None
    merged = merged_districts(name)
    sql = _BY_ADDRESS.format(unit=OrgUnit._meta.db_table, community=Community._meta.db_table)
    values = {
        "county": Level.COUNTY.value, "branch": Level.BRANCH.value, "today": today(),
        "code": district_code(district) or "-", "districts": [name, *merged], "most": max(1, len(merged)),
        "street": "".join(street.split())[:300],
    }  # fmt: skip
    found: Any = next(iter(OrgUnit.objects.raw(sql, values)), None)
    if found is None:
        return None
    basis = Basis(found.basis)
    return Serving(found, basis, _words(basis, found.word, found.short_name or found.name))


def _words(basis: Basis, word: str, unit: str) -> str:
    if basis is Basis.COMMUNITY:
        return _("%(community)s由%(unit)s服务") % {"community": word, "unit": unit}
    if basis is Basis.TOWN:
        return _("地址在%(town)s，由%(unit)s服务") % {"town": word, "unit": unit}
    return _("按行政区划由%(unit)s服务") % {"unit": unit}
