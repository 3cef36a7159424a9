"""机构: the list, the form by sections, and the doors to what may be done with a unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.enums import ActionVariant

from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.admin.export import Export
from saleor_o2o.backoffice.columns import link
from saleor_o2o.backoffice.doors import doors_of
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..area_checks import area_warnings
from ..exchange.columns import EXPORT_COLUMNS, scope_words
from ..levels import Level, UnitStatus
from ..models import OrgUnit
from ..services.hours import show_hours
from ..services.placing import direct_branches
from . import chart, unit_import, unit_pages
from .unit_forms import UnitForm
from .unit_tables import accounts_table, moves_table, status_badge, versions_table


class AreaFilter(DropdownFilter):
    """Units below an area or a county in reach."""

    title = _("片区、区县")
    parameter_name = "below"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = rows_for(request.user, OrgUnit).filter(level__in=(Level.AREA, Level.COUNTY))
        return [
            (str(unit.pk), unit.name if unit.level == Level.AREA else f"　{unit.name}")
            for unit in found.only("name", "level").order_by("path")[:200]
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.below(request, queryset, "path__startswith")

    def below(self, request: HttpRequest, queryset: QuerySet[Any], lookup: str) -> QuerySet[Any]:
        """The rows whose path, found by `lookup`, is below the chosen unit."""
        value = self.value() or ""
        if not value.isdecimal():
            return queryset
        top = rows_for(request.user, OrgUnit).filter(pk=value[:18]).first()
        return queryset.filter(**{lookup: top.path}) if top else queryset.none()


@admin.register(OrgUnit)
class OrgUnitAdmin(ScopedAdmin):
    """Everything about units; every change goes through the services of the tree."""

    class Media:
        css = {"all": ("o2o_org_hierarchy/units.css",)}

    form = UnitForm
    list_display = ("code", "c_name", "c_level", "c_parent", "c_status", "c_manager", "duty_phone")
    list_display_links = ("code", "c_name")
    list_filter = (
        ("level", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
        AreaFilter,
    )
    list_filter_submit = True
    list_select_related = ("parent", "manager")
    search_fields = ("code", "name", "short_name")
    search_help_text = _("机构代码或名称")
    ordering = ("code",)
    export = Export(_("机构"), "org_unit.export", EXPORT_COLUMNS, related=("parent", "manager"))

    # -- the list -----------------------------------------------------------------------

    @admin.display(description=_("机构名称"), ordering="name")
    def c_name(self, unit: OrgUnit) -> str:
        return unit.name

    @admin.display(description=_("级别"), ordering="level")
    def c_level(self, unit: OrgUnit) -> str:
        return str(unit.get_level_display())

    @admin.display(description=_("上级机构"))
    def c_parent(self, unit: OrgUnit) -> Any:
        return link("o2o_org_hierarchy_orgunit", unit.parent_id, unit.parent.name) if unit.parent else "—"

    @admin.display(description=_("状态"), ordering="status")
    def c_status(self, unit: OrgUnit) -> SafeString:
        return status_badge(unit.status)

    @admin.display(description=_("负责人"))
    def c_manager(self, unit: OrgUnit) -> str:
        return unit.manager.name if unit.manager else "—"

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == "parent__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.strip()
        if word:
            queryset = queryset.filter(
                Q(code__istartswith=word) | Q(name__icontains=word) | Q(short_name__icontains=word)
            )
        if request.path.endswith("/autocomplete/"):
            # pickers of a parent or a successor: whoever is still there, and may have something below it
            queryset = queryset.exclude(status=UnitStatus.CLOSED)
            if request.GET.get("field_name") == "parent":
                queryset = queryset.exclude(level=Level.OUTLET)
        return queryset, False

    # -- the form -------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Units are closed, never deleted."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.status == UnitStatus.CLOSED:
            return False
        return super().has_change_permission(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        return type("BoundUnitForm", (made,), {"by": request.user})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        first: tuple[Any, ...]
        rest: tuple[Any, ...]
        if obj is None:
            first = ("parent", *(("level",) if direct_branches() else ()), ("code", "name"))
            rest = (("short_name", "region_code"), ("manager_no", "duty_phone"), ("effective_from", "reason"))
        else:
            first = (("code", "name"), ("c_level", "c_status"), ("c_parent", "short_name"))
            rest = (("region_code", "manager_no"), ("duty_phone", "effective_from"), "reason", "seen")
        place = ("address", "postcode"), ("lng", "lat"), ("datum", "delivery_radius"), "service_area"
        trade = "business_hours", "business_scope"
        money: tuple[Any, ...] = (("cost_centre", "commission_template"),)
        sections = [
            (_("基本信息"), (*first, *rest)),
            (_("位置与范围"), place),
            (_("营业"), trade),
            (_("结算"), money if obj is None else (*money, "c_accounts")),
        ]
        if obj is not None:
            if not self.has_change_permission(request, obj):
                sections = self._to_read(sections)
            sections.append((_("版本"), ("c_moves", "c_versions")))
        return [(title, {"fields": fields, "classes": ("tab",)}) for title, fields in sections]

    @staticmethod
    def _to_read(sections: list[Any]) -> list[Any]:
        """The same sections for whoever may only look: stored values in words, nothing to type."""
        words = {"business_hours": "c_hours", "business_scope": "c_scope", "datum": "source_datum"}
        typed_only = {"reason", "seen"}
        words["manager_no"] = "c_manager"

        def read(entry: Any) -> Any:
            if isinstance(entry, tuple):
                return tuple(words.get(name, name) for name in entry if name not in typed_only)
            return "" if entry in typed_only else words.get(entry, entry)

        return [(title, tuple(filter(None, map(read, fields)))) for title, fields in sections]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        shown = ("c_level", "c_status", "c_parent", "c_accounts", "c_moves", "c_versions")
        if self.has_change_permission(request, obj):
            return shown
        return (*shown, "c_hours", "c_scope", "c_manager", "source_datum")

    @admin.display(description=_("营业时间"))
    def c_hours(self, unit: OrgUnit) -> str:
        return show_hours(unit.business_hours) or "—"

    @admin.display(description=_("业务范围"))
    def c_scope(self, unit: OrgUnit) -> str:
        return scope_words(unit) or "—"

    @admin.display(description=_("结算账户"))
    def c_accounts(self, unit: OrgUnit) -> SafeString:
        return accounts_table(unit)

    @admin.display(description=_("隶属变更"))
    def c_moves(self, unit: OrgUnit) -> SafeString:
        return moves_table(unit)

    @admin.display(description=_("版本记录"))
    def c_versions(self, unit: OrgUnit) -> SafeString:
        return versions_table(unit)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"parent": request.GET.get("parent", "")}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """The form's last check has saved it; what is odd about its service area is told."""
        if "service_area" in form.changed_data:
            for words in area_warnings(obj):
                messages.warning(request, words)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail has its own line."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail has its own line."""

    # -- doors ------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        def page(address: str, view: Any, name: str) -> Any:
            def call(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                return view(self, request, *args, **kwargs)

            return path(address, self.admin_site.admin_view(call), name=self._page(name))

        own = [
            page("chart/", chart.chart_page, "chart"),
            page("chart/units/", chart.chart_units, "chart_units"),
            page("map/", chart.map_page, "map"),
            page("map/points/", chart.map_points, "map_points"),
            page("<int:pk>/status/", unit_pages.status, "status"),
            page("<int:pk>/move/", unit_pages.move, "move"),
            page("<int:pk>/close/", unit_pages.close, "close"),
            page("<int:pk>/account/", unit_pages.account, "account"),
            page("<int:pk>/orders/", unit_pages.orders, "orders"),
            page("<int:pk>/people/", unit_pages.people, "people"),
        ]
        return [*own, *unit_import.PAGES.urls(), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        buttons = [
            self._button(_("组织机构图"), "account_tree", "chart"),
            self._button(_("地图"), "map", "map"),
        ]
        if self._may(request, "org_unit.import"):
            buttons.append(self._button(_("导入"), "upload_file", "import"))
        return self._with(response, "actions_list", buttons)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        response = super().changeform_view(request, object_id, form_url, extra_context)
        if not isinstance(response, TemplateResponse) or object_id is None:
            return response
        unit = (response.context_data or {}).get("original")
        if unit is None:
            return response
        return self._with(response, "actions_detail", [*self.doors(request, unit), *doors_of(request, unit)])

    def doors(self, request: HttpRequest, unit: OrgUnit) -> list[Mapping[str, Any]]:
        """What this person may do with this unit now, as buttons."""
        user = request.user
        may = policy_for(OrgUnit).may

        def allowed(permission: str) -> bool:
            return may(user, permission, unit)

        found: list[Mapping[str, Any]] = []
        if unit.status == UnitStatus.CLOSED:
            return found
        if unit.level < Level.OUTLET and allowed("org_unit.create"):
            button = self._button(_("新建下级"), "add", "add")
            found.append({**button, "path": f"{button['path']}?parent={unit.pk}"})
        step = unit_pages.STEPS[unit.status]
        if allowed(step.permission):
            found.append(self._button(step.title, step.icon, "status", unit.pk))
        if unit.parent_id and allowed("org_unit.move"):
            found.append(self._button(_("变更隶属"), "move_up", "move", unit.pk))
        if allowed("org_unit.account"):
            found.append(self._button(_("结算账户"), "account_balance", "account", unit.pk))
        if unit.parent_id and allowed("org_unit.close"):
            found.append(self._button(_("撤并"), "merge", "close", unit.pk))
        return found

    def _button(self, title: Any, icon: str, name: str, *args: Any) -> dict[str, Any]:
        return {
            "title": title,
            "icon": icon,
            "variant": ActionVariant.DEFAULT,
            "path": reverse(f"admin:{self._page(name)}", args=args),
        }

    @staticmethod
    def _with(response: HttpResponse, place: str, buttons: list[Any]) -> HttpResponse:
        if isinstance(response, TemplateResponse):
            context = response.context_data or {}
            response.context_data = {**context, place: [*context.get(place, ()), *buttons]}
        return response
