"""服务范围检查: where a county's branches overlap, and what nobody serves."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit, city_bounds
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.columns import link
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..models import ServiceArea
from ..overlaps import TOLERANCE_KM2, Report, check_county
from ..reference import ReferenceBasis
from ..services.areas import gap_words
from . import drawing, imports

UNIT = "o2o_org_hierarchy_orgunit"

drawing.install()


@admin.register(ServiceArea)
class ServiceAreaAdmin(ReadOnlyAdmin):
    """One page instead of a list: the check of a county; and the drawing board of a unit."""

    def get_urls(self) -> list[Any]:
        return [*drawing.urls(), *imports.AREAS.urls(), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not policy_for(ServiceArea).may(request.user, "map.view", ServiceArea):
            raise PermissionDenied
        branches = rows_for(request.user, OrgUnit.objects.filter(level=Level.BRANCH)).values("parent_id")
        counties = list(OrgUnit.objects.filter(pk__in=branches, level=Level.COUNTY).order_by("code"))
        wanted = request.GET.get("county", "")
        county = next((one for one in counties if str(one.pk) == wanted), counties[0] if counties else None)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("服务范围检查"),
            "import_url": imports.AREAS.address() if imports.may_import(request.user) else "",
            "counties": counties, "county": county, "tolerance": TOLERANCE_KM2,
        }  # fmt: skip
        if county is not None:
            report = check_county(county)
            context |= {
                "report": report, "o2o_sketch": _sketch(report), "o2o_tables": _tables(report),
                "outlined": report.reference.basis is ReferenceBasis.OUTLINE,
            }  # fmt: skip
            if rows_for(request.user, OrgUnit.objects.filter(pk=county.pk)).exists():
                context["outline_url"] = _draw(county)
        return TemplateResponse(request, "o2o_service_map/areas.html", context)


def _sketch(report: Report) -> dict[str, Any]:
    edges = [(area.west, area.south, area.east, area.north) for area in report.areas]
    if not report.reference.shape.is_empty:
        edges.append(report.reference.shape.bounds)
    columns = list(zip(*(edges or [city_bounds()]), strict=True))
    areas: list[dict[str, Any]] = [
        {
            "area": area.area, "label": f"{area.unit.short_name or area.unit.name} {area.km2:.1f} km²",
            "href": _draw(area.unit),
        }
        for area in report.areas
    ]  # fmt: skip
    areas += [
        {
            "area": one.area,
            "kind": "overlap",
            "label": f"{one.one.short_name} × {one.other.short_name} {one.km2:.2f} km²",
        }
        for one in report.overlaps
    ]
    areas += [{"area": one.area, "kind": "gap", "label": gap_words(one)} for one in report.gaps]
    areas += [
        {"area": one.area, "kind": "overlap", "label": f"{one.unit.short_name} 超出边界 {one.km2:.2f} km²"}
        for one in report.beyond
    ]
    points = [
        {"lng": area.unit.lng, "lat": area.unit.lat, "kind": "branch", "label": area.unit.name}
        for area in report.areas
        if area.unit.lng is not None and area.unit.lat is not None
    ]
    bounds = [min(columns[0]), min(columns[1]), max(columns[2]), max(columns[3])]
    return {"bounds": bounds, "areas": areas, "points": points}


def _tables(report: Report) -> list[Table]:
    found = [
        Table(
            str(_("重叠")),
            [str(_("支局")), str(_("支局")), str(_("面积（km²）"))],
            [[_link(one.one), _link(one.other), f"{one.km2:.2f}"] for one in report.overlaps],
        ),
        Table(
            str(_("空白")),
            [str(_("序号")), str(_("面积（km²）")), str(_("其中网点")), str(_("其中小区"))],
            [
                [number, f"{one.km2:.2f}", one.places, one.communities]
                for number, one in enumerate(report.gaps, start=1)
            ],
        ),
    ]
    if report.reference.basis is ReferenceBasis.OUTLINE:
        rows = [[_link(one.unit), f"{one.km2:.2f}"] for one in report.beyond]
        found.append(Table(str(_("超出区县边界")), [str(_("支局")), str(_("面积（km²）"))], rows))
    found += [
        Table(
            str(_("没有划定服务范围的支局")),
            [str(_("机构代码")), str(_("支局")), ""],
            [[one.code, _link(one), _door(one, _("画范围"))] for one in report.without],
        ),
        Table(
            str(_("已划定的支局")),
            [str(_("机构代码")), str(_("支局")), str(_("面积（km²）")), ""],
            [
                [area.unit.code, _link(area.unit), f"{area.km2:.2f}", _door(area.unit, _("修改范围"))]
                for area in report.areas
            ],
        ),
    ]
    return found


def _draw(unit: OrgUnit) -> str:
    return reverse("admin:o2o_service_map_servicearea_draw", args=[unit.pk])


def _door(unit: OrgUnit, text: Any) -> Any:
    return format_html('<a class="o2o-link" href="{}">{}</a>', _draw(unit), text)


def _link(unit: OrgUnit) -> Any:
    return link(UNIT, unit.pk, unit.short_name or unit.name)
