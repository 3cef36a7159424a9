"""The nearest places, with what is open now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import BusinessScope, distance_m
from saleor_o2o.kernel.clock import SHANGHAI, now

from .earth import Earth, Nearness, point
from .errors import MapError, MapErrorCode
from .hours import Opening, opening_at
from .kinds import PlaceKind, PlaceStatus
from .models import Place

MOST = 50
DEFAULT_RADIUS = 50_000
MAX_RADIUS = 300_000

#: A special date of today or yesterday is worked out by a function; every other day is a look into a range.
_OPEN_NOW = (
    "CASE WHEN {place}.hours -> 'dates' ?| ARRAY[%s, %s]"
    " THEN o2o_map_open_on({place}.hours, %s, %s, %s, %s) ELSE {place}.open_week @> %s END"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A place near somebody: metres along the great circle, and whether it is open."""

    place: Place
    metres: float
    opening: Opening


def nearest(
    lng: float,
    lat: float,
    *,
    kinds: Sequence[str] = (PlaceKind.OUTLET,),
    scope: str = "",
    open_now: bool = False,
    first: int = 10,
    radius: float = DEFAULT_RADIUS,
    at: datetime | None = None,
) -> list[Found]:
    """The listed places nearest to a position (GCJ-02), nearest first, in one statement.

    `scope` names a business that they do, `open_now` keeps those that are open at `at` (default: now), `radius` is in
    metres. Raises MapError(INVALID) for a kind, a business or a number that does not exist.
    """
    _check(kinds, scope, first, radius)
    moment = (at or now()).astimezone(SHANGHAI)
    rows = query(lng, lat, kinds=kinds, scope=scope, open_now=open_now, at=moment)
    found = (_found(place, lng, lat, moment) for place in rows[:first])
    return [one for one in found if one.metres <= radius]


def query(
    lng: float,
    lat: float,
    *,
    kinds: Sequence[str] = (PlaceKind.OUTLET,),
    scope: str = "",
    open_now: bool = False,
    at: datetime,
) -> QuerySet[Place]:
    """The rows behind `nearest`, nearest first, by the index: a box around would make the planner sort instead."""
    centre = point(lng, lat)
    rows = Place.objects.filter(
        status=PlaceStatus.LISTED,
        listed_from__lte=at.date(),
    ).select_related("unit")
    rows = rows.filter(kind=kinds[0]) if len(kinds) == 1 else rows.filter(kind__in=kinds)
    if scope:
        rows = rows.filter(business_scope__contains=[scope])
    if open_now:
        rows = rows.filter(_open_at(at))
    return rows.order_by(Nearness(Earth("lat", "lng"), centre))


def navigation_link(lng: float, lat: float, name: str) -> str:
    """Opens the way there in 高德 on a telephone, in the browser elsewhere."""
    values = {"to": f"{lng:.6f},{lat:.6f},{name}", "mode": "car", "coordinate": "gaode", "callnative": "1"}
    return f"https://uri.amap.com/navigation?{urlencode(values)}"


def _open_at(moment: datetime) -> Any:
    today, yesterday = moment.date(), moment.date() - timedelta(days=1)
    minute = moment.hour * 60 + moment.minute
    in_week = (today.isoweekday() - 1) * 1440 + minute
    days = [today.isoformat(), yesterday.isoformat()]
    sql = _OPEN_NOW.format(place=Place._meta.db_table)
    return RawSQL(sql, [*days, *days, today.isoweekday(), minute, in_week], BooleanField())  # noqa: S611


def _found(place: Place, lng: float, lat: float, moment: datetime) -> Found:
    metres = distance_m(lng, lat, place.lng, place.lat)
    return Found(place, metres, opening_at(place.hours, moment))


def _check(kinds: Iterable[str], scope: str, first: int, radius: float) -> None:
    if not kinds or any(kind not in PlaceKind.values for kind in kinds):
        raise MapError(MapErrorCode.INVALID, _("没有这种地点"), field="kinds")
    if scope and scope not in BusinessScope.values:
        raise MapError(MapErrorCode.INVALID, _("没有这种业务"), field="scope")
    if not 1 <= first <= MOST:
        raise MapError(MapErrorCode.TOO_MANY, _("一次最多查询 50 个地点"), field="first")
    if not 0 < radius <= MAX_RADIUS:
        raise MapError(MapErrorCode.INVALID, _("半径应在 0 到 300 公里之间"), field="radius")
