"""组织机构图 and the map of units: pages, and what their scripts ask for, level by level and window by window."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Avg, Count, F, QuerySet
from django.db.models.functions import Floor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.scope import policy_for, rows_for

from ..datum import city_bounds
from ..levels import Level, UnitStatus
from ..models import OrgUnit
from ..paths import keys_of
from ..selectors import count_below
from .unit_pages import page

#: Units that one answer of the chart holds; the rest comes with "more".
BATCH = 100
#: Points that one answer of the map holds; where there are more, outlets are counted by cells instead.
POINTS = 1500
#: Cells across the width of the window.
CELLS = 24
#: Service areas that one answer of the map holds.
AREAS = 600
LEVELS = frozenset(str(level.value) for level in Level)


def _require(request: HttpRequest) -> None:
    if not policy_for(OrgUnit).may(request.user, "org_unit.view", OrgUnit):
        raise PermissionDenied


def _number(request: HttpRequest, name: str) -> int:
    value = request.GET.get(name, "")
    return int(value[:18]) if value.isdecimal() else 0


def chart_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The organisation chart; units come as the tree is opened."""
    _require(request)
    return page(
        model_admin, request, "chart.html", _("组织机构图"),
        data=reverse("admin:o2o_org_hierarchy_orgunit_chart_units"),
        changelist=reverse("admin:o2o_org_hierarchy_orgunit_changelist"),
    )  # fmt: skip


def chart_units(model_admin: Any, request: HttpRequest) -> JsonResponse:
    """The children of a unit in reach, or the tops of what is in reach, with counts. Six statements at most."""
    _require(request)
    mine = rows_for(request.user, OrgUnit).exclude(status=UnitStatus.CLOSED)
    parent, start = _number(request, "parent"), _number(request, "start")
    found = mine.filter(parent_id=parent) if parent else _tops(mine)
    # one more than is shown tells whether there is more
    units = list(found.select_related("manager").order_by("code")[start : start + BATCH + 1])
    counts = count_below(units[:BATCH])
    return JsonResponse(
        {
            "units": [
                {
                    "id": unit.pk,
                    "code": unit.code,
                    "name": unit.name,
                    "level": unit.level,
                    "levelName": str(unit.get_level_display()),
                    "status": unit.status,
                    "statusName": str(unit.get_status_display()),
                    "manager": unit.manager.name if unit.manager else "",
                    "children": counts[unit.pk].children,
                    "outlets": counts[unit.pk].outlets,
                    "staff": counts[unit.pk].staff,
                    "href": reverse("admin:o2o_org_hierarchy_orgunit_change", args=[unit.pk]),
                }
                for unit in units[:BATCH]
            ],
            "next": start + BATCH if len(units) > BATCH else None,
        }
    )


def _tops(mine: Any) -> Any:
    """The units in reach whose parent is not."""
    root = mine.filter(parent__isnull=True)
    if root.exists():
        return root
    # Reaches are a few subtrees or named units: their tops have no ancestor within the reach.
    listed = mine.filter(level__lte=Level.COUNTY).values_list("pk", "path")
    if not listed:
        listed = mine.values_list("pk", "path")[:5000]
    keys = {pk for pk, _path in listed}
    tops = [pk for pk, path in listed if not keys.intersection(keys_of(path)[:-1])]
    return mine.filter(pk__in=tops)


def map_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The map of units: points and service areas, drawn without anybody else's tiles."""
    _require(request)
    west, south, east, north = city_bounds()
    return page(
        model_admin, request, "map.html", _("机构地图"),
        data=reverse("admin:o2o_org_hierarchy_orgunit_map_points"),
        changelist=reverse("admin:o2o_org_hierarchy_orgunit_changelist"),
        bounds=[west, south, east, north],
        levels=[(level.value, level.label) for level in Level],
    )  # fmt: skip


def map_points(model_admin: Any, request: HttpRequest) -> JsonResponse:
    """The units in reach within a window of degrees and of the levels asked for; four statements at most.

    Where more than `POINTS` are in the window, the lowest of the levels is counted by cells: `cells` are middles and
    numbers of units, `points` the levels above. `more` says that even those were too many.
    """
    _require(request)
    mine = rows_for(request.user, OrgUnit).exclude(status=UnitStatus.CLOSED)
    levels = [int(one) for one in request.GET.get("levels", "").split(",") if one in LEVELS]
    if levels:
        mine = mine.filter(level__in=levels)
    window = _window(request.GET.get("box", "")) or city_bounds()
    west, south, east, north = window
    mine = mine.filter(lng__range=(west, east), lat__range=(south, north))
    points, cells = _listed(mine), []
    if len(points) > POINTS:
        lowest = max(levels or [level.value for level in Level])
        cells = _counted(mine.filter(level=lowest), window)
        points = _listed(mine.filter(level__lt=lowest))
    areas = mine.filter(service_area__isnull=False).order_by("level", "pk")
    return JsonResponse(
        {
            "points": points[:POINTS],
            "cells": cells,
            "areas": list(areas.values_list("pk", "name", "service_area")[:AREAS]),
            "more": len(points) > POINTS,
        }
    )


def _listed(units: QuerySet[OrgUnit]) -> list[tuple[Any, ...]]:
    """The points of units, the higher levels first: one more than an answer holds tells that there are more."""
    found = units.order_by("level", "pk").values_list("pk", "lng", "lat", "level", "status", "name", "code")
    return list(found[: POINTS + 1])


def _counted(
    units: QuerySet[OrgUnit], window: tuple[float, float, float, float]
) -> list[tuple[float, float, int]]:
    """How many units stand in each cell of the window: the middle of those units in degrees, and their number."""
    west, south, east, _north = window
    side = max((east - west) / CELLS, 1e-6)
    return list(
        units.annotate(
            column=Floor((F("lng") - west) / side),
            row=Floor((F("lat") - south) / side),
        )
        .order_by()
        .values("column", "row")
        .annotate(lng_=Avg("lng"), lat_=Avg("lat"), n=Count("pk"))
        .values_list("lng_", "lat_", "n")
    )


def _window(text: str) -> tuple[float, float, float, float] | None:
    parts = text.split(",")
    try:
        west, south, east, north = (float(part) for part in parts)
    except ValueError:
        return None
    # not-a-number compares false with everything; the poles and the date line are far away
    sound = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return (west, south, east, north) if sound else None
