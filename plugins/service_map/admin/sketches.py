"""What the pages' maps show: bounds, areas and points, as plain JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse

from plugins.org_hierarchy.interfaces import access_of, city_bounds
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..models import Place, ServiceArea

#: What one answer holds.
POINTS, AREAS = 600, 120
#: Degrees around a position that a picker shows first.
NEAR = 0.02


def near(lng: float, lat: float, reach: float = NEAR) -> dict[str, Any]:
    """A map around a position."""
    return {"bounds": [lng - reach, lat - reach, lng + reach, lat + reach], "areas": [], "points": []}


def start_for(user: Any) -> dict[str, Any]:
    """The map that a person's new place begins with: around the own unit, else the whole city."""
    staff = access_of(user).staff
    if staff is not None and staff.unit.lng is not None and staff.unit.lat is not None:
        return near(staff.unit.lng, staff.unit.lat)
    return {"bounds": list(city_bounds()), "areas": [], "points": []}


def window(request: HttpRequest) -> JsonResponse:
    """The areas and places in reach within the window that a page's map shows. Two statements."""
    if not policy_for(Place).may(request.user, "map.view", Place):
        raise PermissionDenied
    try:
        west, south, east, north = (float(request.GET[name]) for name in ("west", "south", "east", "north"))
    except (KeyError, ValueError):
        return JsonResponse({"areas": [], "points": []}, status=400)
    areas = rows_for(request.user, ServiceArea).filter(
        west__lte=east, east__gte=west, south__lte=north, north__gte=south
    )
    places = rows_for(request.user, Place).filter(lng__range=(west, east), lat__range=(south, north))
    return JsonResponse({"areas": _areas(areas), "points": points(places.order_by("pk")[:POINTS])})


def _areas(rows: QuerySet[ServiceArea]) -> list[Mapping[str, Any]]:
    return [
        {"area": row.area, "label": row.unit.short_name or row.unit.name}
        for row in rows.select_related("unit").order_by("km2")[:AREAS]
    ]


def points(places: Iterable[Place]) -> list[Mapping[str, Any]]:
    """Places as points."""
    return [{"lng": place.lng, "lat": place.lat, "kind": place.kind, "label": place.name} for place in places]
