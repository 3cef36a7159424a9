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

from .kinds import MIRRORED, PlaceStatus
from .models import Community, Place, ServiceArea
from .reference import Reference, ReferenceBasis, reference_of

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
    """A part of the county's reference that no branch serves, with how many places and communities lie in it."""

    km2: float
    area: Mapping[str, Any]
    places: int = 0
    communities: int = 0


@dataclass(frozen=True, slots=True)
class Beyond:
    """A branch's area reaches this far out of the county's outline."""

    unit: OrgUnit
    km2: float
    area: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """A county's areas: the branches with one, those without, overlaps, gaps and what lies beyond, largest first.

    `reference` says what the gaps were measured against.
    """

    areas: list[ServiceArea]
    without: list[OrgUnit]
    overlaps: list[Overlap]
    gaps: list[Gap]
    beyond: list[Beyond]
    reference: Reference


def check_county(county: OrgUnit, tolerance: float = TOLERANCE_KM2) -> Report:
    """Check the areas of a county's open branches: against each other, against neighbours', against the reference."""
    branches = list(
        OrgUnit.objects.filter(
            path__startswith=county.path, level=Level.BRANCH, status=UnitStatus.ACTIVE
        ).order_by("code")
    )
    areas = list(ServiceArea.objects.filter(unit__in=branches).select_related("unit").order_by("unit__code"))
    known = {area.unit_id for area in areas}
    shapes = [shape_of(area.area) for area in areas]
    reference = reference_of(county)
    return Report(
        areas,
        [branch for branch in branches if branch.pk not in known],
        _overlaps(areas, shapes, tolerance),
        gaps_of(reference, shapes, county, tolerance),
        _beyond(reference, areas, shapes, tolerance),
        reference,
    )


def gaps_of(
    reference: Reference, own: list[BaseGeometry], county: OrgUnit, tolerance: float = TOLERANCE_KM2
) -> list[Gap]:
    """What nobody serves: of the reference, and what the county's own areas enclose. Largest first.

    Other counties' areas count as served. Three statements.
    """
    mine = shapely.union_all(own)
    wanted = shapely.union_all([reference.shape, *_holes(mine)])
    if wanted.is_empty:
        return []
    west, south, east, north = wanted.bounds
    others = ServiceArea.objects.filter(
        west__lte=east, east__gte=west, south__lte=north, north__gte=south,
        unit__status=UnitStatus.ACTIVE, unit__level=Level.BRANCH,
    ).exclude(unit__path__startswith=county.path)  # fmt: skip
    served = shapely.union_all([mine, *(shape_of(area) for area in others.values_list("area", flat=True))])
    left = surfaces(wanted.difference(served))
    parts = [part for part in getattr(left, "geoms", [left]) if area_km2(part) > tolerance]
    return sorted(_with_places(parts), key=lambda gap: -gap.km2)


def _holes(area: BaseGeometry) -> list[BaseGeometry]:
    return [shapely.Polygon(ring) for part in getattr(area, "geoms", [area]) for ring in part.interiors]


def _with_places(parts: list[BaseGeometry]) -> list[Gap]:
    """The gaps with what lies in them counted."""
    if not parts:
        return []
    west, south, east, north = shapely.total_bounds(parts)
    box = {"lng__range": (west, east), "lat__range": (south, north)}
    places = Place.objects.filter(status=PlaceStatus.LISTED, kind__in=MIRRORED, **box).values_list(
        "lng", "lat"
    )
    estates = Community.objects.filter(is_active=True, **box).values_list("lng", "lat")
    counted = [list(places), list(estates)]
    return [
        Gap(
            area_km2(part),
            as_geojson(part),
            *(sum(bool(shapely.intersects_xy(part, *one)) for one in rows) for rows in counted),
        )
        for part in parts
    ]


def _beyond(
    reference: Reference, areas: list[ServiceArea], shapes: list[BaseGeometry], tolerance: float
) -> list[Beyond]:
    """Which areas leave the county's outline; nothing is said where there is none."""
    if reference.basis is not ReferenceBasis.OUTLINE:
        return []
    found = []
    for area, shape in zip(areas, shapes, strict=True):
        outside = surfaces(shape.difference(reference.shape))
        if (km2 := area_km2(outside)) > tolerance:
            found.append(Beyond(area.unit, km2, as_geojson(outside)))
    return sorted(found, key=lambda one: -one.km2)


def overlapping(unit: OrgUnit, geojson: Mapping[str, Any], tolerance: float = TOLERANCE_KM2) -> list[Overlap]:
    """What an area of this unit overlaps of other open branches' (a county's outline: of other counties'), largest
    first. One statement.
    """
    mine = shape_of(geojson)
    found = [_common(unit, mine, other, shape_of(area)) for other, area in neighbours(unit, mine.bounds)]
    return sorted((one for one in found if one.km2 > tolerance), key=lambda one: -one.km2)


def neighbours(unit: OrgUnit, box: tuple[float, ...]) -> list[tuple[OrgUnit, Mapping[str, Any]]]:
    """Others of the unit's level whose area may meet a box (west, south, east, north): branches, or county outlines."""
    west, south, east, north = box
    if unit.level == Level.COUNTY:
        counties = OrgUnit.objects.filter(
            level=Level.COUNTY, status=UnitStatus.ACTIVE, service_area__isnull=False
        )
        return [(one, one.service_area or {}) for one in counties.exclude(pk=unit.pk).order_by("code")]
    rows = ServiceArea.objects.filter(
        west__lte=east, east__gte=west, south__lte=north, north__gte=south,
        unit__status=UnitStatus.ACTIVE, unit__level=Level.BRANCH,
    ).exclude(pk=unit.pk).select_related("unit").order_by("unit__code")  # fmt: skip
    return [(row.unit, row.area) for row in rows]


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
    shared = surfaces(mine.intersection(theirs))
    return Overlap(one, other, area_km2(shared), as_geojson(shared))


def surfaces(geometry: BaseGeometry) -> BaseGeometry:
    """Only what has an area: common edges and corners are none."""
    parts = [
        part
        for part in getattr(geometry, "geoms", [geometry])
        if part.geom_type in ("Polygon", "MultiPolygon")
    ]
    return shapely.union_all(parts) if parts else shapely.Polygon()
