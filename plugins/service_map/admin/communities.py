"""小区: the dictionary."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.columns import column, link
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row, rows_for

from ..distances import in_words
from ..errors import MapError, MapErrorCode
from ..models import Community
from ..services.merging import candidates, merge_communities
from . import sketches
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

    def get_urls(self) -> list[Any]:
        own = path("<int:pk>/merge/", self.admin_site.admin_view(self.merge_view), name=self._page("merge"))
        return [own, *super().get_urls()]

    def own_doors(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        if not (obj.is_active and self._may(request, "map.edit", obj)):
            return []
        return [door(_("合并重复的小区"), "merge", reverse(f"admin:{self._page('merge')}", args=[obj.pk]))]

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose the duplicate among those near by or of the same name, and take it in."""
        rows = Community.objects.select_related("unit")
        try:
            kept = get_row(request.user, rows, pk=pk)
        except OutOfScope:
            raise Http404 from None
        if not self._may(request, "map.edit", kept):
            raise PermissionDenied
        back = reverse(f"admin:{self._page('change')}", args=[kept.pk])
        found = candidates(rows_for(request.user, rows), kept)
        chosen, error = request.POST.get("other", ""), None
        if request.method == "POST":
            try:
                other = next((one for one, _metres in found if str(one.pk) == chosen), None)
                if other is None:
                    raise MapError(MapErrorCode.REQUIRED, _("请选择重复的小区"), field="other")
                merge_communities(kept, other, by=request.user)
            except DomainError as refused:
                error = refused
            else:
                messages.success(request, _("“%(name)s”已并入") % {"name": other.name})
                return HttpResponseRedirect(back)
        points = [
            {"lng": one.lng, "lat": one.lat, "kind": "outlet", "label": one.name} for one, _metres in found
        ]
        points.append({"lng": kept.lng, "lat": kept.lat, "kind": "branch", "label": kept.name})
        context = {
            **self.admin_site.each_context(request), "opts": self.opts,
            "title": _("合并到：%(name)s") % {"name": kept.name}, "back": back, "error": error, "chosen": chosen,
            "found": [(one, in_words(metres)) for one, metres in found],
            "o2o_sketch": {**sketches.near(kept.lng, kept.lat), "points": points},
        }  # fmt: skip
        return TemplateResponse(request, "o2o_service_map/merge.html", context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = "".join(search_term.split()).lower()
        return (queryset.filter(search_text__contains=word) if word else queryset), False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A community that is gone is switched off: addresses still name it."""
        return False
