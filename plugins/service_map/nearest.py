"""The nearest places, with what is open now.

The function `o2o_map_nearest` (migration 0004) walks the index from the position outwards over at most 500 places, and
stops at the last one asked for: by day that is a few dozen rows. Where that is not enough, at night or for a rare
business, it looks at whoever is open at all where those are few (an index of the hours knows), else at every place
within the radius, and sorts what fits: the cost is bounded, however few are open. It
answers the columns that are shown and no others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import BusinessScope, distance_m
from saleor_o2o.kernel.clock import SHANGHAI, now

from .errors import MapError, MapErrorCode
from .holidays import span
from .hours import Opening, opening_at
from .kinds import PlaceKind

MOST = 50
DEFAULT_RADIUS = 50_000
MAX_RADIUS = 300_000

# the days around come along with every row, so that it stays one statement
_NEAREST = (
    "SELECT id, kind, name, address, phone, lng, lat, business_scope, unit_id, unit_code, hours,"
    " (SELECT jsonb_object_agg(day, c.kind)::text FROM o2o_service_map_calendarday c WHERE day BETWEEN %s AND %s)"
    " FROM o2o_map_nearest(%s, %s, %s, %s::varchar[], %s::varchar[], %s, %s, %s)"
)


class NearPlace(NamedTuple):
    """What the map shows of a place: values, no model."""

    id: int
    kind: str
    name: str
    address: str
    phone: str
    lng: float
    lat: float
    business_scope: list[str]
    unit_id: int
    unit_code: str


class Found(NamedTuple):
    """A place near somebody: metres along the great circle, and whether it is open."""

    place: NearPlace
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
    asked = statement(
        lng, lat, kinds=kinds, scope=scope, open_now=open_now, first=first, radius=radius, at=moment
    )
    with connection.cursor() as cursor:
        cursor.execute(*asked)
        rows = cursor.fetchall()
    minute = moment.replace(second=0, microsecond=0)
    found = (_found(row, lng, lat, minute) for row in rows)
    return [one for one in found if one.metres <= radius]


def statement(
    lng: float,
    lat: float,
    *,
    kinds: Sequence[str],
    scope: str,
    open_now: bool,
    first: int,
    radius: float,
    at: datetime,
) -> tuple[str, Sequence[Any]]:
    """What `nearest` asks the database, as text and values. `at` is local; the metre more is measured away later."""
    scopes = [scope] if scope else None
    return _NEAREST, (
        *span(at), lat, lng, radius + 1, [str(kind) for kind in kinds], scopes, at.replace(tzinfo=None), open_now, first
    )  # fmt: skip


def navigation_link(lng: float, lat: float, name: str) -> str:
    """Opens the way there in 高德 on a telephone, in the browser elsewhere."""
    values = {"to": f"{lng:.6f},{lat:.6f},{name}", "mode": "car", "coordinate": "gaode", "callnative": "1"}
    return f"https://uri.amap.com/navigation?{urlencode(values)}"


def _found(row: tuple[Any, ...], lng: float, lat: float, minute: datetime) -> Found:
    *shown, hours, calendar = row
    place = NearPlace(*shown)
    return Found(place, distance_m(lng, lat, place.lng, place.lat), _opening(hours, calendar or "{}", minute))


@lru_cache(maxsize=4096)
def _opening(hours: str, calendar: str, minute: datetime) -> Opening:
    """What thousands of outlets with the same few sets of hours have in common in one minute."""
    days = {date.fromisoformat(day): kind for day, kind in json.loads(calendar).items()}
    return opening_at(json.loads(hours), minute, days)


def _check(kinds: Iterable[str], scope: str, first: int, radius: float) -> None:
    if not kinds or any(kind not in PlaceKind.values for kind in kinds):
        raise MapError(MapErrorCode.INVALID, _("没有这种地点"), field="kinds")
    if scope and scope not in BusinessScope.values:
        raise MapError(MapErrorCode.INVALID, _("没有这种业务"), field="scope")
    if not 1 <= first <= MOST:
        raise MapError(MapErrorCode.TOO_MANY, _("一次最多查询 50 个地点"), field="first")
    if not 0 < radius <= MAX_RADIUS:
        raise MapError(MapErrorCode.INVALID, _("半径应在 0 到 300 公里之间"), field="radius")
