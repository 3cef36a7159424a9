"""厅与座位图: drawn in the browser or imported, looked at, put to use."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import link, link_to, moment, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.errors import DomainError

from ..access import EDIT
from ..choices import MapState
from ..layouts import from_json, invalid, read_layout
from ..models import Hall, SeatMap
from ..services.maps import draw_map, plan_of, publish_map, redraw_map, retire_map
from .fields import number, text

#: The largest file and the largest plan of the editor, in bytes.
MOST_BYTES = 2_000_000


class FileForm(forms.Form):
    """A file with seats."""

    file = forms.FileField(
        label=_("文件"), help_text=_("CSV、Excel（列：区域、排、座、等级、不售、列序）或导出的 JSON")
    )
    note = text(_("说明"), 200, required=False)


class GridForm(forms.Form):
    """An empty plan to begin with."""

    zone = text(_("区域"), 20, initial="池座")
    rows = number(_("排数"), least=1, most=80, initial=20)
    seats = number(_("每排座位"), least=1, most=120, initial=24)
    note = text(_("说明"), 200, required=False)


def drawing(made: Sequence[SeatMap]) -> Callable[[], str]:
    """Where the version that was just made is drawn."""
    return lambda: reverse("admin:o2o_admission_seatmap_draw", args=[made[0].pk])


@admin.register(Hall)
class HallAdmin(ActingAdmin):
    """Halls."""

    list_display = ("name", "c_venue", "capacity")
    list_select_related = ("venue",)
    search_fields = ("name", "venue__name")
    details = ((None, ("name", "c_venue", "capacity")),)

    c_venue = link_to("venue", "场馆", "o2o_admission_venue")

    def doors(self, request: HttpRequest, obj: Hall) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, EDIT, obj):
            return ()
        return [
            door(_("新画座位图"), "grid_on", self.address("grid", obj.pk)),
            door(_("导入座位图"), "upload", self.address("import", obj.pk)),
        ]

    def tables(self, request: HttpRequest, obj: Hall) -> list[Table]:
        rows = [
            (link("o2o_admission_seatmap", one.pk, f"v{one.version}"), one.get_state_display(), one.note)
            for one in obj.maps.all()
        ]
        return [Table("座位图", ("版本", "状态", "说明"), rows)]

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/grid/", self.grid_view, "grid"),
            self.own("<int:pk>/import/", self.import_view, "import"),
            *super().get_urls(),
        ]

    def grid_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin with a grid."""
        row: Hall = self.row(request, pk, EDIT)
        made: list[SeatMap] = []
        form = GridForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            rows = [{"row": str(at), "seats": "A" * told["seats"]} for at in range(1, told["rows"] + 1)]
            layout = from_json({"zones": [{"name": told["zone"], "rows": rows}]})
            made.append(draw_map(request.user, row, layout, told["note"]))
            return str(_("已建立座位图 v%(version)d，画好后请保存") % {"version": made[0].version})

        return self.act(request, f"{_('新画座位图')}：{row}", form, do, self.page_of(pk), after=drawing(made))

    def import_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A version from a file."""
        row: Hall = self.row(request, pk, EDIT)
        made: list[SeatMap] = []
        form = FileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))

        def do(told: dict[str, Any]) -> str:
            file = told["file"]
            if file.size > MOST_BYTES:
                raise invalid(_("文件超过 2 MB"))
            layout = read_layout(file.name, file.read())
            made.append(draw_map(request.user, row, layout, told["note"]))
            words = {"version": made[0].version, "count": len(layout.seats)}
            return str(_("已导入座位图 v%(version)d，%(count)d 个座位") % words)

        return self.act(request, f"{_('导入座位图')}：{row}", form, do, self.page_of(pk), after=drawing(made))


@admin.register(SeatMap)
class SeatMapAdmin(ActingAdmin):
    """Versions of seat maps."""

    list_display = ("c_name", "c_state", "note", "c_made")
    list_display_links = ("c_name",)
    list_select_related = ("hall__venue",)
    search_fields = ("hall__name", "hall__venue__name")
    details = ((None, ("c_hall", "version", "c_state", "c_seats", "note", "c_made")),)

    c_hall = link_to("hall", "厅", "o2o_admission_hall")
    c_state = state("state", "状态", dict(MapState.choices))
    c_made = moment("made_at", "建立时间")

    @admin.display(description=_("座位图"))
    def c_name(self, row: SeatMap) -> str:
        return str(row)

    @admin.display(description=_("座位数"))
    def c_seats(self, row: SeatMap) -> str:
        blocked = row.seats.filter(blocked=True).count()
        return str(_("%(all)d，其中不售 %(blocked)d") % {"all": row.seats.count(), "blocked": blocked})

    def doors(self, request: HttpRequest, obj: SeatMap) -> Sequence[Mapping[str, Any]]:
        found = [
            door(_("打开座位图"), "grid_on", self.address("draw", obj.pk)),
            door(_("导出 JSON"), "download", self.address("plan", obj.pk)),
        ]
        if self.may(request, EDIT, obj):
            if obj.state == MapState.DRAFT:
                found.append(door(_("启用"), "check_circle", self.address("publish", obj.pk)))
            else:
                found.append(door(_("复制成新版本"), "content_copy", self.address("copy", obj.pk)))
            if obj.state != MapState.RETIRED:
                found.append(door(_("停用"), "block", self.address("retire", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/draw/", self.draw_view, "draw"),
            self.own("<int:pk>/plan/", self.plan_view, "plan"),
            self.own("<int:pk>/publish/", self.publish_view, "publish"),
            self.own("<int:pk>/retire/", self.retire_view, "retire"),
            self.own("<int:pk>/copy/", self.copy_view, "copy"),
            *super().get_urls(),
        ]

    def draw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The plan in the browser: to look at, and while it is a draft to draw and save."""
        row: SeatMap = self.row(request, pk, "view")
        may = row.state == MapState.DRAFT and self.may(request, EDIT, row)
        if request.method == "POST":
            return self._save(request, self.row(request, pk, EDIT))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{_('座位图')} {row}",
            "back": self.page_of(pk),
            "may": may,
            "plan": plan_of(row),
        }
        return TemplateResponse(request, "o2o_admission/seat_editor.html", context)

    def _save(self, request: HttpRequest, row: SeatMap) -> HttpResponse:
        try:
            told = request.POST.get("plan", "")
            if len(told) > MOST_BYTES:
                raise invalid(_("座位图太大"))
            layout = from_json(json.loads(told))
            redraw_map(request.user, row, layout)
        except (ValueError, RecursionError):
            return JsonResponse({"error": str(_("座位图内容不完整"))}, status=400)
        except DomainError as error:
            return JsonResponse({"error": error.in_words}, status=400)
        return JsonResponse({"saved": len(layout.seats)})

    def plan_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The plan as a file that can be imported again."""
        row: SeatMap = self.row(request, pk, "view")
        response = JsonResponse(plan_of(row), json_dumps_params={"ensure_ascii": False, "indent": 1})
        response["Content-Disposition"] = f'attachment; filename="seat-map-{row.pk}-v{row.version}.json"'
        return response

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put to use."""
        row: SeatMap = self.row(request, pk, EDIT)

        def do(_told: dict[str, Any]) -> str:
            publish_map(request.user, row)
            return str(_("已启用，可以用它排场次"))

        form = forms.Form(request.POST if request.method == "POST" else None)
        note = _("启用后座位不能再改；要改请复制成新版本。")
        return self.act(request, f"{_('启用座位图')} {row}", form, do, self.page_of(pk), note=note)

    def retire_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """No new session uses it."""
        row: SeatMap = self.row(request, pk, EDIT)

        def do(_told: dict[str, Any]) -> str:
            retire_map(request.user, row)
            return str(_("已停用；已排的场次不受影响"))

        form = forms.Form(request.POST if request.method == "POST" else None)
        return self.act(request, f"{_('停用座位图')} {row}", form, do, self.page_of(pk))

    def copy_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The next version begins as this one."""
        row: SeatMap = self.row(request, pk, EDIT)
        made: list[SeatMap] = []

        def do(_told: dict[str, Any]) -> str:
            made.append(draw_map(request.user, row.hall, from_json(plan_of(row)), f"复制自 v{row.version}"))
            return str(_("已建立座位图 v%(version)d，画好后请保存") % {"version": made[0].version})

        form = forms.Form(request.POST if request.method == "POST" else None)
        return self.act(request, f"{_('复制座位图')} {row}", form, do, self.page_of(pk), after=drawing(made))
