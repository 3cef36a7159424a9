"""Drawing who serves where: an area is looked at before it is saved, and saved only as it was seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry.base import BaseGeometry

from plugins.org_hierarchy.interfaces import (
    Datum,
    Level,
    OrgUnit,
    UnitStatus,
    area_km2,
    as_geojson,
    check_polygon,
    edit_unit,
    shape_of,
)

from ..errors import MapError, MapErrorCode
from ..kinds import MIRRORED, PlaceStatus
from ..locks import lock_areas
from ..models import Community, Place, ServiceArea
from ..overlaps import TOLERANCE_KM2, Gap, Overlap, gaps_of, neighbours, overlapping, surfaces
from ..reference import reference_of
from ..sync import sync_units
from .rights import Actor
from .texts import tidy

#: Units whose area can be drawn: a branch's is who it serves, a county's is its outline.
DRAWN = (Level.BRANCH, Level.COUNTY)
#: Degrees that a simplified boundary may leave the old one: about ten metres.
SIMPLER = 0.0001
#: Degrees around an area where a gap is still its neighbour.
_BESIDE = 0.001


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is odd about an area: a word for programs, a sentence for people, and where it is."""

    kind: str
    text: str
    area: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """A checked area (GCJ-02), its square kilometres, and what is odd about it."""

    area: dict[str, Any]
    km2: float
    overlaps: list[Overlap]
    findings: list[Finding]


def inspect_area(unit: OrgUnit, geojson: Any, datum: str = Datum.GCJ02) -> Inspection:
    """Look at an area of a branch or county before it is saved; nothing is written.

    Raises OrgError(POLYGON_INVALID), which says what is wrong and where.
    """
    area = check_polygon(geojson, datum)
    shape = shape_of(area)
    overlaps = overlapping(unit, area)
    findings = [Finding("overlap", _overlap_words(one), one.area) for one in overlaps]
    if unit.level == Level.BRANCH:
        findings += _beyond(unit, shape) + _left_out(unit, shape) + _gaps(unit, shape)
    return Inspection(area, area_km2(shape), overlaps, findings)


def save_area(
    unit: OrgUnit, geojson: Any, *, revision: int, datum: str = Datum.GCJ02, reason: str = "",
    overlap_ok: bool = False, by: Actor = None,
) -> tuple[OrgUnit, Inspection | None]:  # fmt: skip
    """Save the area of a branch or the outline of a county as somebody drew it; None takes it away.

    `revision` is the unit's as the person saw it. An overlap is refused unless `overlap_ok`, and then needs a reason.
    Locks the areas, then the unit: of two neighbours saved at once the second one meets the first. The mirrored area
    follows in the same transaction. Raises OutOfScope, NotAllowed, OrgError (POLYGON_INVALID, CHANGED_MEANWHILE,
    UNIT_CLOSED), MapError (AREA_OVERLAPS, AREA_INVALID, REQUIRED), LockTimeout.
    """
    if unit.level not in DRAWN:
        raise MapError(
            MapErrorCode.AREA_INVALID, gettext_lazy("只有支局和区县可以划定范围"), field="area",
            hint=gettext_lazy("网点由它的支局服务"),
        )  # fmt: skip
    area = check_polygon(geojson, datum) if geojson else None
    why = tidy(reason, "reason", 200, required=overlap_ok)
    with transaction.atomic():
        lock_areas()
        seen = inspect_area(unit, area) if area is not None else None
        if seen is not None and seen.overlaps and not overlap_ok:
            raise _refused(seen.overlaps)
        saved = edit_unit(unit, {"service_area": area}, revision=revision, by=by, reason=why)
        sync_units([saved.pk])
    return saved, seen


def trim(unit: OrgUnit, geojson: Any, datum: str = Datum.GCJ02) -> dict[str, Any]:
    """The area without what neighbours already serve. Raises OrgError, MapError(AREA_INVALID) when nothing is left."""
    shape = shape_of(check_polygon(geojson, datum))
    taken = [shape_of(area) for _unit, area in neighbours(unit, shape.bounds)]
    left = _large(surfaces(shape.difference(shapely.union_all(taken))))
    if left.is_empty:
        raise MapError(
            MapErrorCode.AREA_INVALID, gettext_lazy("去掉重叠以后什么也不剩：这里已全部由别的支局服务"), field="area",
            hint=gettext_lazy("请先请邻近支局让出范围"),
        )  # fmt: skip
    return check_polygon(as_geojson(left))


def simplify(geojson: Any, datum: str = Datum.GCJ02) -> dict[str, Any]:
    """The area with fewer points, within about ten metres of what was drawn. Raises OrgError(POLYGON_INVALID)."""
    try:
        data = json.loads(geojson) if isinstance(geojson, str) else geojson
        given = data["geometry"] if data.get("type") == "Feature" else data
        shape = shape_of(given)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, shapely.errors.ShapelyError):
        return check_polygon(geojson, datum)  # its refusal says what is wrong
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return check_polygon(geojson, datum)
    return check_polygon(as_geojson(shape.simplify(SIMPLER)), datum)


def _large(shape: BaseGeometry) -> BaseGeometry:
    """Without slivers along an edge that was drawn twice."""
    return shapely.union_all(
        [
            part
            for part in getattr(shape, "geoms", [shape])
            if not part.is_empty and area_km2(part) > TOLERANCE_KM2
        ]
    )


def _refused(overlaps: list[Overlap]) -> MapError:
    words = "；".join(_overlap_words(one) for one in overlaps[:5])
    return MapError(
        MapErrorCode.AREA_OVERLAPS, words, field="area",
        hint=gettext_lazy("可以“去掉重叠部分”，或请邻近支局先让出；确实要保留重叠时，勾选“允许重叠”并写明原因"),
    )  # fmt: skip


def _overlap_words(one: Overlap) -> str:
    return _("与%(unit)s重叠 %(km2)s 平方公里") % {"unit": _name(one.other), "km2": f"{one.km2:.2f}"}


def _name(unit: OrgUnit) -> str:
    return unit.short_name or unit.name


def _beyond(unit: OrgUnit, shape: BaseGeometry) -> list[Finding]:
    """What lies beyond the county's outline, where there is one."""
    county = unit.parent
    if county is None or county.level != Level.COUNTY or not county.service_area:
        return []
    outside = surfaces(shape.difference(shape_of(county.service_area)))
    if (km2 := area_km2(outside)) <= TOLERANCE_KM2:
        return []
    words = _("有 %(km2)s 平方公里在%(county)s的边界之外") % {"km2": f"{km2:.2f}", "county": _name(county)}
    return [Finding("beyond", words, as_geojson(outside))]


def _left_out(unit: OrgUnit, shape: BaseGeometry) -> list[Finding]:
    """The branch itself and outlets of it that its area leaves out."""
    found = []
    if unit.lng is not None and unit.lat is not None and not shapely.intersects_xy(shape, unit.lng, unit.lat):
        found.append(Finding("self_outside", _("支局自己的位置不在范围内")))
    outlets = Place.objects.filter(unit__parent=unit, kind__in=MIRRORED, status=PlaceStatus.LISTED)
    out = [
        name
        for name, lng, lat in outlets.values_list("name", "lng", "lat")
        if not shapely.intersects_xy(shape, lng, lat)
    ]
    if out:
        words = _("有 %(count)d 个下属网点在范围外：%(names)s")
        found.append(Finding("outlets_outside", words % {"count": len(out), "names": _named(out)}))
    estates = Community.objects.filter(unit=unit, is_active=True, unit_fixed=False)
    lost = [
        name
        for name, lng, lat in estates.values_list("name", "lng", "lat")
        if not shapely.intersects_xy(shape, lng, lat)
    ]
    if lost:
        words = _("有 %(count)d 个现由本支局服务的小区在范围外：%(names)s")
        found.append(Finding("communities_outside", words % {"count": len(lost), "names": _named(lost)}))
    return found


def _named(names: Sequence[str]) -> str:
    """The first three, and that there are more."""
    told = "、".join(names[:3])
    return told if len(names) <= 3 else str(_("%(names)s等") % {"names": told})


def _gaps(unit: OrgUnit, shape: BaseGeometry) -> list[Finding]:
    """Gaps of the county that lie beside the area as drawn or as it was."""
    county = unit.parent
    if county is None:
        return []
    others = ServiceArea.objects.filter(
        unit__path__startswith=county.path, unit__level=Level.BRANCH, unit__status=UnitStatus.ACTIVE
    ).exclude(pk=unit.pk)
    own = [shape, *(shape_of(area) for area in others.values_list("area", flat=True))]
    beside = [shape] + ([shape_of(unit.service_area)] if unit.service_area else [])
    near = shapely.union_all(beside).buffer(_BESIDE)
    reference = reference_of(county)
    found = [gap for gap in gaps_of(reference, own, county) if near.intersects(shape_of(gap.area))]
    return [Finding("gap", gap_words(gap), gap.area) for gap in found[:10]]


def gap_words(gap: Gap) -> str:
    """`空白 0.35 平方公里，其中有网点 1 个、小区 2 个`."""
    words = _("空白 %(km2)s 平方公里无支局服务") % {"km2": f"{gap.km2:.2f}"}
    inside = [
        text % {"count": count}
        for text, count in ((_("网点 %(count)d 个"), gap.places), (_("小区 %(count)d 个"), gap.communities))
        if count
    ]
    return f"{words}，{_('其中有')}{'、'.join(inside)}" if inside else words
