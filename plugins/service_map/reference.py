"""What ought to be served in a county: what gaps are measured against.

No outlines of counties come with the platform: the official ones are not free to pass on. A county's own service area
is its outline where somebody has drawn or imported one. Without it we say no more than we know: the ground near the
county's outlets, branches and communities, as far as it is nearer to them than to any other county's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from plugins.org_hierarchy.interfaces import OrgUnit, shape_of

from .kinds import MIRRORED, PlaceStatus
from .models import Community, Place

#: Metres around a place that somebody ought to serve.
AROUND_M = 2000
#: Degrees beyond the county's places where others' places still count.
_BEYOND = 0.2
_METRES_PER_DEGREE = 111_195.0


class ReferenceBasis(StrEnum):
    """What the reference was made of."""

    OUTLINE = "outline"
    PLACES = "places"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reference:
    """The ground to be served, and in words what it is."""

    shape: BaseGeometry
    basis: ReferenceBasis
    text: str


def reference_of(county: OrgUnit) -> Reference:
    """The reference of a county, from its outline or from its places. Three statements at most."""
    if county.service_area:
        return Reference(
            shape_of(county.service_area), ReferenceBasis.OUTLINE,
            _("空白按已登记的区县边界计算：边界之内没有任何支局服务的地方。"),
        )  # fmt: skip
    own = _positions(county, inside=True)
    if not own:
        return Reference(
            shapely.Polygon(), ReferenceBasis.NOTHING,
            _("没有登记区县边界，本区县的网点和小区也没有位置，无法检查空白。"),
        )  # fmt: skip
    words = _(
        "没有登记区县边界。空白按本区县的网点、支局、小区计算：它们周围 %(km)s 公里之内、"
        "离它们比离其他区县的更近、却没有任何支局服务的地方；更远处的空白查不出来。"
    )
    shape = _near_own(own, _positions(county, inside=False, box=_box(own)))
    return Reference(shape, ReferenceBasis.PLACES, words % {"km": AROUND_M // 1000})


def _positions(
    county: OrgUnit, *, inside: bool, box: tuple[float, ...] | None = None
) -> set[tuple[float, float]]:
    """Where the listed outlets and branches and the active communities stand, of the county or of all others."""
    found: set[tuple[float, float]] = set()
    for rows in (
        Place.objects.filter(status=PlaceStatus.LISTED, kind__in=MIRRORED),
        Community.objects.filter(is_active=True),
    ):
        of_county: Any = {"unit__path__startswith": county.path}
        chosen: Any = rows.filter(**of_county) if inside else rows.exclude(**of_county)
        if box is not None:
            chosen = chosen.filter(lng__range=(box[0], box[2]), lat__range=(box[1], box[3]))
        found |= set(chosen.order_by().values_list("lng", "lat"))
    return found


def _box(points: set[tuple[float, float]]) -> tuple[float, float, float, float]:
    lngs, lats = zip(*points, strict=True)
    return min(lngs) - _BEYOND, min(lats) - _BEYOND, max(lngs) + _BEYOND, max(lats) + _BEYOND


def _near_own(own: set[tuple[float, float]], others: set[tuple[float, float]]) -> BaseGeometry:
    """The Voronoi cells of the own points among all, no further than AROUND_M from them. Worked out in metres."""
    middle = sum(lat for _lng, lat in own) / len(own)
    scale = np.array([_METRES_PER_DEGREE * math.cos(math.radians(middle)), _METRES_PER_DEGREE])
    everybody = [*sorted(own), *sorted(others - own)]
    points = shapely.points(np.array(everybody) * scale)
    discs = shapely.buffer(points[: len(own)], AROUND_M, quad_segs=8)
    if len(everybody) > 1:
        cells = shapely.voronoi_polygons(
            shapely.multipoints(points), ordered=True, extend_to=shapely.union_all(discs)
        )
        discs = [
            disc.intersection(cell)
            for disc, cell in zip(discs, shapely.get_parts(cells)[: len(own)], strict=True)
        ]
    return shapely.transform(shapely.union_all(discs), lambda values: values / scale)
