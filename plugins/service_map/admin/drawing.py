"""画服务范围: a branch's area, or a county's outline, drawn among its neighbours' and saved as it was seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from plugins.org_hierarchy.interfaces import Datum, Level, OrgUnit, UnitStatus, city_bounds, shape_of
from saleor_o2o.backoffice.doors import add_doors, door
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for

from ..errors import MapError, MapErrorCode
from ..kinds import MIRRORED, PlaceKind, PlaceStatus
from ..models import Community, Place, ServiceArea
from ..overlaps import neighbours
from ..services.areas import DRAWN, Inspection, inspect_area, save_area, simplify, trim

#: Neighbours, places and communities that one drawing shows.
MOST_AREAS, MOST_POINTS = 80, 500
#: Degrees shown around an area, and around a unit without one.
MARGIN, REACH = 0.03, 0.08
#: Characters of a drawing that comes in.
MOST_TEXT = 2_000_000


def urls() -> list[Any]:
    """The pages, below those of the service areas."""
    found = (("draw", draw_page), ("check", check), ("save", save))
    return [
        path(f"<int:pk>/{name}/", admin.site.admin_view(view), name=f"o2o_service_map_servicearea_{name}")
        for name, view in found
    ]


def install() -> None:
    """Put the button on the units' pages; called once when the pages are loaded."""
    add_doors(OrgUnit, _doors)


def _doors(request: HttpRequest, unit: OrgUnit) -> list[Mapping[str, Any]]:
    if unit.level not in DRAWN or unit.status == UnitStatus.CLOSED:
        return []
    if not policy_for(ServiceArea).may(request.user, "map.view", ServiceArea):
        return []
    title = _("画服务范围") if unit.level == Level.BRANCH else _("画区县边界")
    return [door(title, "polyline", _url("draw", unit))]


def draw_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The drawing board; without the right to save it, to look at."""
    unit = _unit(request, pk)
    box = shape_of(unit.service_area).bounds if unit.service_area else _around(unit)
    wide = (box[0] - MARGIN, box[1] - MARGIN, box[2] + MARGIN, box[3] + MARGIN)
    data: dict[str, Any] = {
        "bounds": [box[0] - MARGIN / 3, box[1] - MARGIN / 3, box[2] + MARGIN / 3, box[3] + MARGIN / 3],
        "own": unit.service_area, "revision": unit.revision, "may": _may_save(request, unit),
        "areas": [
            {"area": area, "label": other.short_name or other.name, "kind": "neighbour"}
            for other, area in neighbours(unit, wide)[:MOST_AREAS]
        ],
        "points": _points(unit, wide), "city": list(city_bounds()),
        "check": _url("check", unit), "save": _url("save", unit),
    }  # fmt: skip
    data["names"] = [_name_at(area["area"], area["label"]) for area in data["areas"]]
    if unit.level == Level.BRANCH and unit.parent is not None and unit.parent.service_area:
        data["areas"].append({"area": unit.parent.service_area, "label": unit.parent.name, "kind": "outline"})
    county = unit if unit.level == Level.COUNTY else unit.parent
    back = reverse("admin:o2o_service_map_servicearea_changelist")
    title = _("%(name)s的服务范围") if unit.level == Level.BRANCH else _("%(name)s的区县边界")
    context = {
        **admin.site.each_context(request), "opts": ServiceArea._meta, "title": title % {"name": unit.name},
        "unit": unit, "o2o_drawing": data, "datums": Datum.choices, "may": data["may"],
        "back": f"{back}?county={county.pk}" if county is not None else back,
        "unit_url": reverse("admin:o2o_org_hierarchy_orgunit_change", args=[unit.pk]),
    }  # fmt: skip
    return TemplateResponse(request, "o2o_service_map/draw.html", context)


@require_POST
def check(request: HttpRequest, pk: int) -> JsonResponse:
    """Look at a drawing: `{area, datum, do: check|trim|simplify}` → the tidy area and what is odd, or the refusal."""
    unit = _unit(request, pk)

    def work(asked: Mapping[str, Any]) -> dict[str, Any]:
        area, datum = asked.get("area"), _datum(asked)
        change: Callable[[], Any] | None = {
            "trim": lambda: trim(unit, area, datum), "simplify": lambda: simplify(area, datum),
        }.get(str(asked.get("do")))  # fmt: skip
        if change is not None:
            area, datum = change(), Datum.GCJ02
        return _told(inspect_area(unit, area, datum))

    return _answer(request, work)


@require_POST
def save(request: HttpRequest, pk: int) -> JsonResponse:
    """Save a drawing: `{area, datum, revision, reason, overlap_ok}` → the new revision, or the refusal."""
    unit = _unit(request, pk)

    def work(asked: Mapping[str, Any]) -> dict[str, Any]:
        revision = asked.get("revision")
        if not isinstance(revision, int):
            raise MapError(MapErrorCode.REQUIRED, _("请刷新页面后再保存"), field="revision")
        saved, seen = save_area(
            unit, asked.get("area"), revision=revision, datum=_datum(asked), reason=str(asked.get("reason") or ""),
            overlap_ok=asked.get("overlap_ok") is True, by=request.user,
        )  # fmt: skip
        return {
            "revision": saved.revision,
            "area": saved.service_area,
            **(_told(seen) if seen else {"findings": []}),
        }

    return _answer(request, work)


def _answer(request: HttpRequest, work: Callable[[Mapping[str, Any]], dict[str, Any]]) -> JsonResponse:
    """Read the question, do the work, say what was wrong: bad input is an answer, never a server error."""
    try:
        asked = json.loads(request.body[:MOST_TEXT])
    except (ValueError, RecursionError, RequestDataTooBig):
        asked = None
    try:
        if not isinstance(asked, Mapping):
            raise MapError(
                MapErrorCode.INVALID,
                _("收到的内容读不出来"),
                field="area",
                hint=_("文件可能太大（最多 2 MB），请先简化边界"),
            )
        return JsonResponse({"ok": True, **work(asked)})
    except OutOfScope:
        raise Http404 from None
    except DomainError as error:
        told = {"code": str(error.code.value), "message": str(error.message), "hint": str(error.hint or "")}
        return JsonResponse({"ok": False, "error": told}, status=400)


def _told(seen: Inspection) -> dict[str, Any]:
    findings = [{"kind": one.kind, "text": one.text, "area": one.area} for one in seen.findings]
    return {"area": seen.area, "km2": round(seen.km2, 4), "findings": findings}


def _datum(asked: Mapping[str, Any]) -> str:
    return str(asked.get("datum") or Datum.GCJ02)


def _unit(request: HttpRequest, pk: int) -> OrgUnit:
    if not policy_for(ServiceArea).may(request.user, "map.view", ServiceArea):
        raise PermissionDenied
    try:
        unit = get_row(request.user, OrgUnit.objects.select_related("parent"), pk=pk)
    except OutOfScope:
        raise Http404 from None
    if unit.level not in DRAWN:
        raise Http404
    return unit


def _may_save(request: HttpRequest, unit: OrgUnit) -> bool:
    return unit.status != UnitStatus.CLOSED and policy_for(OrgUnit).may(request.user, "org_unit.edit", unit)


def _around(unit: OrgUnit) -> tuple[float, float, float, float]:
    if unit.lng is None or unit.lat is None:
        return city_bounds()
    reach = REACH if unit.level == Level.BRANCH else REACH * 4
    return unit.lng - reach, unit.lat - reach, unit.lng + reach, unit.lat + reach


def _name_at(area: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A neighbour's name, to be written within its area."""
    spot = shape_of(area).representative_point()
    return {"lng": spot.x, "lat": spot.y, "label": name}


def _points(unit: OrgUnit, box: tuple[float, ...]) -> list[dict[str, Any]]:
    """Branches and outlets in the window, those of the unit marked, and the communities."""
    inside = {"lng__range": (box[0], box[2]), "lat__range": (box[1], box[3])}
    kinds = MIRRORED if unit.level == Level.BRANCH else (PlaceKind.BRANCH,)
    places = Place.objects.filter(kind__in=kinds, status=PlaceStatus.LISTED, **inside)
    found: list[dict[str, Any]] = [
        {"lng": lng, "lat": lat, "label": name, "kind": kind, "own": path.startswith(unit.path)}
        for lng, lat, name, kind, path in places.order_by("kind", "pk").values_list(
            "lng", "lat", "name", "kind", "unit__path"
        )[:MOST_POINTS]
    ]
    if unit.level == Level.BRANCH:
        estates = Community.objects.filter(is_active=True, **inside).order_by("pk")
        found += [
            {"lng": lng, "lat": lat, "label": name, "kind": "community", "own": owner == unit.pk}
            for lng, lat, name, owner in estates.values_list("lng", "lat", "name", "unit_id")[:MOST_POINTS]
        ]
    return found


def _url(name: str, unit: OrgUnit) -> str:
    return reverse(f"admin:o2o_service_map_servicearea_{name}", args=[unit.pk])
