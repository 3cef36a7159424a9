"""批量定位: lists of addresses, how far they are, and rows that need a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from plugins.org_hierarchy.interfaces import Datum, Level, OrgUnit
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.columns import column, link, moment
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row, rows_for

from ..errors import MapError, MapErrorCode
from ..kinds import BatchState, RowState
from ..models import GeocodeBatch, GeocodeRow
from ..services.geocoding import place_row, resume, submit
from . import sketches
from .batch_files import table_rows, template, text_rows

#: Rows that need a person, and rows that are done, shown at once.
SHOWN = 200
STATES = dict(RowState.choices)


@admin.register(GeocodeBatch)
class GeocodeBatchAdmin(ReadOnlyAdmin):
    """Batches in reach."""

    list_display = ("title", "c_unit", "c_state", "c_rows", "c_made", "problem")
    list_select_related = ("unit",)
    ordering = ("-pk",)
    details = ((None, ("title", "c_unit", "c_state", "problem", "c_made", "c_finished", "c_rows")),)

    c_unit = column("unit__name", "机构", order=None)
    c_state = column("state", "状态", lambda value: BatchState(value).label)
    c_made = moment("made_at", "提交时间")
    c_finished = moment("finished_at", "完成时间")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(o2o_rows=Count("rows"))

    @admin.display(description=_("行数"))
    def c_rows(self, batch: Any) -> int:
        return int(batch.o2o_rows)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        own = [
            path("submit/", view(self.submit_view), name=self._page("submit")),
            path("template/", view(self.template_view), name=self._page("template")),
            path("window/", view(sketches.window), name=self._page("window")),
            path("row/<int:row>/", view(self.row_view), name=self._page("row")),
            path("<int:batch>/resume/", view(self.resume_view), name=self._page("resume")),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and self._may(request, "map.geocode"):
            button = {
                "title": _("新的批次"), "path": reverse(f"admin:{self._page('submit')}"), "icon": "add_location",
                "variant": ActionVariant.PRIMARY,
            }  # fmt: skip
            response.context_data = {**(response.context_data or {}), "actions_list": [button]}
        return response

    def tables(self, request: HttpRequest, obj: GeocodeBatch) -> Sequence[Table]:
        rows = GeocodeRow.objects.filter(batch=obj)
        counted = dict(rows.order_by().values_list("state").annotate(Count("pk")))
        doubtful = rows.filter(state__in=(RowState.DOUBTFUL, RowState.NOT_FOUND, RowState.UNKNOWN))
        placed = rows.filter(state__in=(RowState.FOUND, RowState.CORRECTED))
        placed = placed.select_related("community__unit").order_by("-state", "line")[:SHOWN]
        return [
            Table(
                str(_("进度")),
                [str(_("状态")), str(_("行数"))],
                [[str(STATES[state]), number] for state, number in sorted(counted.items())],
            ),
            Table(
                str(_("需要人工核对")),
                [str(_("行")), str(_("名称")), str(_("地址")), str(_("状态")), str(_("说明")), ""],
                [self._row(row) for row in doubtful.order_by("line")[:SHOWN]],
            ),
            Table(
                str(_("已定位")),
                [
                    str(_("行")),
                    str(_("小区")),
                    str(_("地址")),
                    str(_("匹配到的地址")),
                    str(_("服务支局")),
                    "",
                ],
                [self._placed(row) for row in placed],
            ),
        ]

    def _placed(self, row: GeocodeRow) -> list[Any]:
        """A row that is on the map: its community, what was matched or that a person placed it, who serves it."""
        home = row.community
        by_hand = row.state == RowState.CORRECTED
        return [
            row.line,
            link("o2o_service_map_community", home.pk, home.name) if home is not None else row.name,
            f"{row.district}{row.address}",
            _("人工定位") if by_hand else row.matched or "—",
            home.unit.name if home is not None and home.unit is not None else "—",
            self._door(row, _("重新定位")),
        ]

    def _door(self, row: GeocodeRow, label: Any) -> Any:
        address = reverse(f"admin:{self._page('row')}", args=[row.pk])
        return format_html('<a class="o2o-link" href="{}">{}</a>', address, label)

    def _row(self, row: GeocodeRow) -> list[Any]:
        return [
            row.line,
            row.name,
            f"{row.district}{row.address}",
            str(STATES[row.state]),
            row.problem,
            self._door(row, _("定位")),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        obj = self.get_object(request, object_id)
        paused = obj is not None and obj.state == BatchState.PAUSED
        if paused and isinstance(response, TemplateResponse) and self._may(request, "map.geocode", obj):
            button = {
                "title": _("继续"), "path": reverse(f"admin:{self._page('resume')}", args=[object_id]),
                "icon": "play_arrow", "variant": ActionVariant.PRIMARY,
            }  # fmt: skip
            response.context_data = {**(response.context_data or {}), "actions_detail": [button]}
        return response

    # -- doing -------------------------------------------------------------------------------

    def submit_view(self, request: HttpRequest) -> HttpResponse:
        """A new batch, from lines of text or from a table."""
        if not self._may(request, "map.geocode"):
            raise PermissionDenied
        units = list(
            rows_for(request.user, OrgUnit.objects.filter(level__lte=Level.BRANCH), "map.geocode").order_by(
                "level", "code"
            )[:500]
        )
        form = {name: request.POST.get(name, "") for name in ("title", "unit", "rows")}
        error = None
        if request.method == "POST":
            try:
                unit = next((one for one in units if str(one.pk) == form["unit"]), None)
                if unit is None:
                    raise MapError(MapErrorCode.REQUIRED, _("请选择机构"), field="unit")
                file = request.FILES.get("file")
                rows = table_rows(file) if file else text_rows(form["rows"])
                batch = submit(form["title"], unit, rows, by=request.user)
            except DomainError as refused:
                error = refused
            else:
                messages.success(request, _("已提交，正在后台定位"))
                return HttpResponseRedirect(reverse(f"admin:{self._page('change')}", args=[batch.pk]))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("批量定位小区"), "form": form,
            "error": error, "units": units, "template": reverse(f"admin:{self._page('template')}"),
            "back": reverse(f"admin:{self._page('changelist')}"),
        }  # fmt: skip
        return TemplateResponse(request, "o2o_service_map/batch.html", context)

    def template_view(self, request: HttpRequest) -> Any:
        """An empty table with the headings."""
        if not self._may(request, "map.geocode"):
            raise PermissionDenied
        return template()

    def resume_view(self, request: HttpRequest, batch: int) -> HttpResponse:
        """Go on with a paused batch."""
        try:
            row = get_row(request.user, GeocodeBatch, pk=batch)
        except OutOfScope:
            raise Http404 from None
        try:
            resume(row, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("已继续"))
        return HttpResponseRedirect(reverse(f"admin:{self._page('change')}", args=[row.pk]))

    def row_view(self, request: HttpRequest, row: int) -> HttpResponse:
        """Put one address on the map by hand."""
        try:
            found = get_row(request.user, GeocodeRow.objects.select_related("batch__unit"), pk=row)
        except OutOfScope:
            raise Http404 from None
        if not self._may(request, "map.geocode", found.batch):
            raise PermissionDenied
        unit = found.batch.unit
        start = (found.lng, found.lat) if found.lng is not None else (unit.lng, unit.lat)
        form = {"lng": "", "lat": "", "datum": Datum.GCJ02.value, "seen": "", "reason": ""}
        if found.lng is not None and found.lat is not None:
            form |= {"lng": f"{found.lng:.6f}", "lat": f"{found.lat:.6f}"}
        back = reverse(f"admin:{self._page('change')}", args=[found.batch_id])
        error = None
        if request.method == "POST":
            form |= {name: request.POST.get(name, "") for name in form}
            try:
                made = place_row(found, form["lng"], form["lat"], datum=form["datum"], by=request.user)
            except DomainError as refused:
                error = refused
            else:
                text = _("%(name)s 已定位，由%(unit)s服务") % {"name": made.name, "unit": made.unit.name}
                messages.success(request, text)
                return HttpResponseRedirect(back)
        known = start[0] is not None and start[1] is not None
        sketch = sketches.near(start[0] or 0, start[1] or 0) if known else sketches.start_for(request.user)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts,
            "title": _("定位：%(name)s") % {"name": found.name}, "form": form, "error": error,
            "datums": Datum.choices, "ask_reason": False, "button": _("确认位置"), "back": back,
            "o2o_sketch": sketch, "o2o_sketch_url": reverse(f"admin:{self._page('window')}"),
            "story": f"{found.district}{found.address}　{found.problem}　{found.matched}",
        }  # fmt: skip
        return TemplateResponse(request, "o2o_service_map/correct.html", context)
