"""Areas on the map: GeoJSON checked and tidied, contained points, square kilometres, metres."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from .datum import DIGITS, check_position
from .error_codes import OrgErrorCode
from .errors import OrgError
from .levels import Datum

#: Points that one area may have; a branch's needs a few dozen.
MAX_POINTS = 2000
#: Square kilometres below which a drawing is a slip of the hand.
MIN_AREA_KM2 = 0.0001
#: The mean radius of the earth.
EARTH_RADIUS_M = 6_371_008.8

_PLACE = re.compile(r"\[\s*(-?[\d.]+)\s+(-?[\d.]+)")
#: What GEOS says, in our words.
_REASONS = (
    ("Self-intersection", _("边界线在 {place} 处自己交叉了")),
    ("Ring Self-intersection", _("边界线在 {place} 处碰到了自己")),
    ("Hole lies outside shell", _("{place} 处的空洞在范围之外")),
    ("Holes are nested", _("{place} 处的空洞套在另一个空洞里")),
    ("Interior is disconnected", _("空洞把范围在 {place} 处切断了")),
    ("Nested shells", _("{place} 处的一块范围在另一块里面")),
    ("Duplicate Rings", _("{place} 处有重复的边界")),
)


def check_polygon(geojson: Any, datum: str = Datum.GCJ02) -> dict[str, Any]:
    """Return a tidy GeoJSON Polygon or MultiPolygon in GCJ-02: rings closed and oriented, six digits, no repeats.

    Takes a mapping or its text; a Feature counts as its geometry. Raises OrgError(POLYGON_INVALID) that says what is
    wrong and where: not an area, too many or too few points, a point out of the city, lines that cross, a hole outside.
    """
    parts = _parts(geojson)
    if sum(len(ring) for part in parts for ring in part) > MAX_POINTS:
        words = str(_("边界最多 {limit} 个点")).format(limit=MAX_POINTS)
        raise _refusal(words, hint=_("请先简化边界再上传"))
    polygons = []
    for part in parts:
        rings = [_ring(ring, datum) for ring in part]
        polygons.append(Polygon(rings[0], rings[1:]))
    found: BaseGeometry = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    if not found.is_valid:
        raise _crossing(explain_validity(found))
    if area_km2(found) < MIN_AREA_KM2:
        raise _refusal(_("范围太小了，边界不能缩成一条线或一个点"))
    return as_geojson(shapely.orient_polygons(found))


def as_geojson(area: BaseGeometry) -> dict[str, Any]:
    """GeoJSON of lists, as the database keeps it."""
    made: dict[str, Any] = json.loads(json.dumps(mapping(area)))
    return made


def shape_of(geojson: Mapping[str, Any]) -> BaseGeometry:
    """The geometry of a checked area, for several questions to it."""
    return shape(geojson)


def contains(area: Mapping[str, Any] | BaseGeometry, lng: float, lat: float) -> bool:
    """True when a point lies within an area or on its edge. A geometry should be prepared by who asks it often."""
    geometry = area if isinstance(area, BaseGeometry) else shape(area)
    return bool(shapely.intersects_xy(geometry, lng, lat))


def area_km2(area: Mapping[str, Any] | BaseGeometry) -> float:
    """Square kilometres of an area in degrees, by an equal-area projection."""
    geometry = area if isinstance(area, BaseGeometry) else shape(area)
    return float(shapely.transform(geometry, _sinusoidal).area) / 1e6


def distance_m(lng: float, lat: float, other_lng: float, other_lat: float) -> float:
    """Metres along the great circle between two points in degrees."""
    south, north = math.radians(lat), math.radians(other_lat)
    half = (
        math.sin((north - south) / 2) ** 2
        + math.cos(south) * math.cos(north) * math.sin(math.radians(other_lng - lng) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def _sinusoidal(points: Any) -> Any:
    radians = np.radians(points)
    return np.column_stack(
        (EARTH_RADIUS_M * radians[:, 0] * np.cos(radians[:, 1]), EARTH_RADIUS_M * radians[:, 1])
    )


def _parts(geojson: Any) -> list[list[Any]]:
    """The rings of every part, as they came."""
    if isinstance(geojson, str):
        try:
            geojson = json.loads(geojson)
        except (ValueError, RecursionError):
            raise _refusal(_("服务范围应是 GeoJSON")) from None
    if isinstance(geojson, Mapping) and geojson.get("type") == "Feature":
        geojson = geojson.get("geometry")
    if not isinstance(geojson, Mapping) or geojson.get("type") not in ("Polygon", "MultiPolygon"):
        raise _refusal(_("服务范围应是多边形（Polygon 或 MultiPolygon）"))
    coordinates = geojson.get("coordinates")
    parts = [coordinates] if geojson["type"] == "Polygon" else coordinates
    if not isinstance(parts, list | tuple) or not parts:
        raise _refusal(_("服务范围里没有坐标"))
    for part in parts:
        if (
            not isinstance(part, list | tuple)
            or not part
            or not all(isinstance(r, list | tuple) for r in part)
        ):
            raise _refusal(_("服务范围的坐标格式不对"), hint=_("每个多边形是若干圈坐标，第一圈是外边界"))
    return [list(part) for part in parts]


def _ring(points: Any, datum: str) -> list[tuple[float, float]]:
    ring: list[tuple[float, float]] = []
    for number, point in enumerate(points, start=1):
        if not isinstance(point, list | tuple) or len(point) < 2:
            raise _refusal(str(_("第 {number} 个点不是 [经度, 纬度]")).format(number=number))
        try:
            place = check_position(point[0], point[1], datum)
        except OrgError as error:
            words = str(_("第 {number} 个点：{problem}")).format(number=number, problem=error.message)
            raise _refusal(words, hint=error.hint) from None
        if not ring or ring[-1] != place:
            ring.append(place)
    if ring and ring[0] != ring[-1]:
        ring.append(ring[0])
    if len(ring) < 4:
        raise _refusal(_("边界至少要有三个不同的点"))
    return ring


def _crossing(reason: str) -> OrgError:
    found = _PLACE.search(reason)
    place = f"{float(found[1]):.{DIGITS}f}, {float(found[2]):.{DIGITS}f}" if found else ""
    words = next((text for start, text in _REASONS if reason.startswith(start)), _("边界在 {place} 处画错了"))
    return _refusal(str(words).format(place=place), hint=_("请把边界改成不交叉的一圈"))


def _refusal(message: Any, hint: Any = None) -> OrgError:
    return OrgError(OrgErrorCode.POLYGON_INVALID, message, field="service_area", hint=hint)
