"""地点: outlets and branches to look at, everything else to edit."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from plugins.org_hierarchy.interfaces import BusinessScope, Datum, show_hours
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.columns import column, link
from saleor_o2o.kernel.clock import now

from ..holidays import along_with_rows, read_days
from ..hours import opening_at
from ..kinds import PlaceKind, PlaceStatus
from ..models import Place
from . import imports
from .forms import PlaceForm
from .heat import heat_page
from .picking import PickingAdmin

_SCOPES = {scope.value: str(scope.label) for scope in BusinessScope}
#: The headings of the import: what was taken out can be changed and taken in again.
EXPORT = Export(
    _("地点"),
    "map.export",
    (
        Cell(_("编号"), "pk"),
        Cell(_("类别"), lambda row: PlaceKind(row.kind).label),
        Cell(_("名称"), "name"),
        Cell(_("别名"), lambda row: "、".join(row.aliases)),
        Cell(_("管理机构代码"), "unit__code"),
        Cell(_("地址"), "address"),
        Cell(_("电话"), "phone"),
        Cell(_("经度"), "lng"),
        Cell(_("纬度"), "lat"),
        Cell(_("坐标系"), lambda row: Datum.GCJ02.label),
        Cell(_("营业时间"), lambda row: show_hours(row.hours)),
        Cell(_("业务范围"), lambda row: "、".join(_SCOPES.get(scope, scope) for scope in row.business_scope)),
        Cell(_("状态"), lambda row: PlaceStatus(row.status).label),
    ),
    related=("unit",),
)


@admin.register(Place)
class PlaceAdmin(PickingAdmin):
    """Places in reach."""

    form = PlaceForm
    correction_of = "place"
    export = EXPORT
    list_display = ("name", "c_kind", "c_unit", "c_open", "c_scope", "c_position", "c_status")
    list_filter = (("kind", ChoicesDropdownFilter), ("status", ChoicesDropdownFilter))
    list_filter_submit = True
    list_select_related = ("unit",)
    search_fields = ("name", "address", "unit__code")
    search_help_text = _("名称、地址、机构代码")
    ordering = ("name", "pk")
    autocomplete_fields = ("unit",)
    fieldsets = (
        (_("位置"), {"fields": (("lng", "lat", "datum"), "address")}),
        (
            _("地点"),
            {
                "fields": (
                    ("kind", "name"),
                    ("aliases", "phone"),
                    ("unit", "status"),
                    "hours",
                    "business_scope",
                    "area",
                )
            },
        ),
    )
    #: Outlets and branches, which are changed elsewhere, to look at.
    shown = (
        (
            None,
            (
                ("name", "c_kind"),
                ("c_unit", "c_status"),
                ("address", "phone"),
                ("c_position", "source_datum"),
            ),
        ),
        (_("营业"), (("c_hours", "c_open"), ("c_scope",))),
    )

    c_kind = column("kind", "类别", lambda value: PlaceKind(value).label)
    c_status = column("status", "状态", lambda value: PlaceStatus(value).label)
    c_position = column("position", "位置", order=None)
    c_hours = column("hours", "营业时间", show_hours, order=None)

    def get_urls(self) -> list[Any]:
        own = path("heat/", self.admin_site.admin_view(heat_page), name=self._page("heat"))
        return [own, *imports.PLACES.urls(), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and imports.may_import(request.user):
            button = {
                "title": _("导入"), "path": imports.PLACES.address(), "icon": "upload",
                "variant": ActionVariant.DEFAULT,
            }  # fmt: skip
            response.context_data = {**(response.context_data or {})}
            response.context_data["actions_list"] = [*response.context_data.get("actions_list", ()), button]
        return response

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(o2o_days=along_with_rows(now()))

    @admin.display(description=_("管理机构"))
    def c_unit(self, place: Place) -> Any:
        return link("o2o_org_hierarchy_orgunit", place.unit_id, place.unit.name)

    @admin.display(description=_("现在"))
    def c_open(self, place: Any) -> str:
        return opening_at(place.hours, now(), read_days(place.o2o_days)).text

    @admin.display(description=_("业务范围"))
    def c_scope(self, place: Place) -> str:
        names = dict(BusinessScope.choices)
        return "、".join(str(names.get(scope, scope)) for scope in place.business_scope) or "—"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Outlets and branches are changed at their unit."""
        if obj is not None and obj.mirrors_unit:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A place that is gone is hidden: its corrections stay."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(title, {"fields": lines}) for title, lines in self.shown]
        return self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return [name for _title, lines in self.shown for line in lines for name in line]
        return ()
