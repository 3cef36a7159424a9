"""Where branches' areas overlap, and what nobody serves: for the report and for a warning when an area is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from plugins.org_hierarchy.interfaces import (
    Level,
    OrgUnit,
    UnitStatus,
    area_km2,
    as_geojson,
    register_area_check,
    shape_of,
)

from .models import ServiceArea

#: Square kilometres that may overlap or be left out: the width of a pencil.
TOLERANCE_KM2 = 0.01


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two branches' areas share this much."""

    one: OrgUnit
    other: OrgUnit
    km2: float
    area: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of the county's outline that no branch serves."""

    km2: float
    area: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """A county's areas: the branches with one, those without, overlaps (largest first) and gaps (largest first)."""

    areas: list[ServiceArea]
    without: list[OrgUnit]
    overlaps: list[Overlap]
    gaps: list[Gap]


def check_county(county: OrgUnit, tolerance: float = TOLERANCE_KM2) -> Report:
    """Check the areas of a county's open branches against each other. Two statements."""
    branches = list(
        OrgUnit.objects.filter(
            path__startswith=county.path, level=Level.BRANCH, status=UnitStatus.ACTIVE
        ).order_by("code")
    )
    areas = list(ServiceArea.objects.filter(unit__in=branches).select_related("unit").order_by("unit__code"))
    known = {area.unit_id for area in areas}
    shapes = [shape_of(area.area) for area in areas]
    return Report(
        areas,
        [branch for branch in branches if branch.pk not in known],
        _overlaps(areas, shapes, tolerance),
        _gaps(shapes, tolerance),
    )


def overlapping(unit: OrgUnit, geojson: Mapping[str, Any], tolerance: float = TOLERANCE_KM2) -> list[Overlap]:
    """What an area of this unit overlaps of other open branches', largest first. One statement."""
    mine = shape_of(geojson)
    west, south, east, north = mine.bounds
    others = ServiceArea.objects.filter(
        west__lte=east, east__gte=west, south__lte=north, north__gte=south,
        unit__status=UnitStatus.ACTIVE, unit__level=Level.BRANCH,
    ).exclude(pk=unit.pk).select_related("unit")  # fmt: skip
    found = [_common(unit, mine, other.unit, shape_of(other.area)) for other in others]
    return sorted((one for one in found if one.km2 > tolerance), key=lambda one: -one.km2)


def install() -> None:
    """Warn on the unit's page when its new area overlaps others'; called once when the app is ready."""
    register_area_check(warnings_of)


def warnings_of(unit: OrgUnit) -> list[str]:
    """A sentence for every open branch whose area this one's overlaps."""
    if unit.level != Level.BRANCH or not unit.service_area:
        return []
    words = _("服务范围与%(unit)s重叠 %(km2)s 平方公里，重叠处由面积较小的支局服务")
    return [
        words % {"unit": one.other.short_name or one.other.name, "km2": f"{one.km2:.2f}"}
        for one in overlapping(unit, unit.service_area)
    ]


def _overlaps(areas: list[ServiceArea], shapes: list[BaseGeometry], tolerance: float) -> list[Overlap]:
    pairs = STRtree(shapes).query(shapes, predicate="intersects").T if shapes else ()
    found = [_common(areas[a].unit, shapes[a], areas[b].unit, shapes[b]) for a, b in pairs if a < b]
    return sorted((one for one in found if one.km2 > tolerance), key=lambda one: -one.km2)


def _common(one: OrgUnit, mine: BaseGeometry, other: OrgUnit, theirs: BaseGeometry) -> Overlap:
    shared = _surfaces(mine.intersection(theirs))
    return Overlap(one, other, area_km2(shared), as_geojson(shared))


def _gaps(shapes: list[BaseGeometry], tolerance: float) -> list[Gap]:
    if len(shapes) < 2:
        return []
    outline = shapely.union_all(shapes)
    left = _surfaces(shapely.concave_hull(outline, ratio=0.2).difference(outline))
    parts = [Gap(area_km2(part), as_geojson(part)) for part in getattr(left, "geoms", [left])]
    return sorted((part for part in parts if part.km2 > tolerance), key=lambda part: -part.km2)


def _surfaces(geometry: BaseGeometry) -> BaseGeometry:
    """Only what has an area: common edges and corners are none."""
    parts = [
        part
        for part in getattr(geometry, "geoms", [geometry])
        if part.geom_type in ("Polygon", "MultiPolygon")
    ]
    return shapely.union_all(parts) if parts else shapely.Polygon()
