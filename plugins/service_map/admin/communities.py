"""小区: the dictionary."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.columns import column, link

from ..models import Community
from .forms import CommunityForm
from .picking import PickingAdmin


@admin.register(Community)
class CommunityAdmin(PickingAdmin):
    """Communities in reach: searched by name, alias, pinyin."""

    form = CommunityForm
    correction_of = "community"
    list_display = ("name", "c_aliases", "c_unit", "households", "c_position", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("unit",)
    search_fields = ("name",)
    search_help_text = _("名称、别名、拼音或首字母")
    ordering = ("name", "pk")
    autocomplete_fields = ("unit",)
    fieldsets = (
        (_("位置"), {"fields": (("lng", "lat", "datum"), "address")}),
        (_("小区"), {"fields": (("name", "aliases"), ("households", "is_active"), "unit")}),
    )

    c_aliases = column("aliases", "别名", "、".join, order=None)
    c_position = column("position", "位置", order=None)

    @admin.display(description=_("服务机构"))
    def c_unit(self, community: Community) -> Any:
        return link("o2o_org_hierarchy_orgunit", community.unit_id, community.unit.name)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = "".join(search_term.split()).lower()
        return (queryset.filter(search_text__contains=word) if word else queryset), False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A community that is gone is switched off: addresses still name it."""
        return False
