"""场馆、景区、厅、检票口."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import column, link, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.scope import rows_for

from ..access import EDIT
from ..models import Gate, Hall, ScenicSpot, Venue
from ..services.places import change_place, make_gate, make_hall, make_place, switch_gate
from .fields import form_of, initial_of, number, row_of, text

_COMMON = ("name", "city", "address", "longitude", "latitude", "phone", "traffic", "notices", "active")


class PlaceAdmin(ActingAdmin):
    """What venues and scenic spots have in common."""

    begins = ((_("新增"), "add", "make", EDIT),)
    search_fields = ("name", "code", "address")
    names: tuple[str, ...] = _COMMON
    kind: Any = Venue

    c_unit = column("unit__name", "归口机构")
    c_active = yes_no("active", "启用")

    def doors(self, request: HttpRequest, obj: Any) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, EDIT, obj):
            return ()
        found = [
            door(_("修改"), "edit", self.address("edit", obj.pk)),
            door(_("新增检票口"), "sensor_door", self.address("gate", obj.pk)),
        ]
        if isinstance(obj, Venue):
            found.append(door(_("新增厅"), "add_home_work", self.address("hall", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("make/", self.make_view, "make"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            self.own("<int:pk>/gate/", self.gate_view, "gate"),
            self.own("<int:pk>/hall/", self.hall_view, "hall"),
            *super().get_urls(),
        ]

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """A new one."""
        user: Any = request.user
        if not user.has_perm(EDIT):
            raise PermissionDenied
        units = rows_for(user, OrgUnit, EDIT).filter(level__lte=3).order_by("path")
        kind = form_of(self.kind, ("code", *self.names), unit=row_of(_("归口机构"), units))
        form = kind(request.POST if request.method == "POST" else None, initial={"active": True, "level": 0})

        def do(told: dict[str, Any]) -> str:
            made = make_place(user, self.kind, told.pop("unit"), told.pop("code"), **told)
            return str(_("已新增“%(name)s”") % {"name": made.name})

        back = reverse(f"admin:{self._page('changelist')}")
        return self.act(request, f"{_('新增')}{self.opts.verbose_name}", form, do, back)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change what is told of it."""
        row = self.row(request, pk, EDIT)
        form = form_of(self.kind, self.names)(
            request.POST if request.method == "POST" else None, initial=initial_of(row, self.names)
        )

        def do(told: dict[str, Any]) -> str:
            change_place(request.user, row, **told)
            return str(_("已保存"))

        return self.act(request, f"{_('修改')} {row}", form, do, self.page_of(pk))

    def gate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new entrance."""
        row = self.row(request, pk, EDIT)
        form = form_of(Gate, ("code", "name"))(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            make_gate(request.user, row, told["code"], told["name"])
            return str(_("已新增检票口"))

        return self.act(request, f"{_('新增检票口')}：{row}", form, do, self.page_of(pk))

    def hall_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new hall of a venue."""
        row = self.row(request, pk, EDIT)
        if not isinstance(row, Venue):
            raise PermissionDenied
        form = form_of(Hall, (), name=text(_("厅名"), 40), capacity=number(_("核定容量")))(
            request.POST if request.method == "POST" else None
        )

        def do(told: dict[str, Any]) -> str:
            make_hall(request.user, row, told["name"], told["capacity"])
            return str(_("已新增厅，可以给它画座位图"))

        return self.act(request, f"{_('新增厅')}：{row}", form, do, self.page_of(pk))


@admin.register(Venue)
class VenueAdmin(PlaceAdmin):
    """Venues."""

    list_display = ("name", "city", "address", "c_unit", "c_active")
    details = (
        (
            None,
            (
                "name",
                "code",
                "c_unit",
                "city",
                "address",
                "longitude",
                "latitude",
                "phone",
                "traffic",
                "notices",
                "c_active",
            ),
        ),
    )

    def tables(self, request: HttpRequest, obj: Venue) -> list[Table]:
        halls = [
            (link("o2o_admission_hall", one.pk, one.name), str(one.capacity), str(one.maps.count()))
            for one in obj.halls.all()
        ]
        gates = [(link("o2o_admission_gate", one.pk, one.name), one.code) for one in obj.gates.all()]
        return [
            Table("厅", ("厅", "核定容量", "座位图版本"), halls),
            Table("检票口", ("名称", "代码"), gates),
        ]


@admin.register(ScenicSpot)
class ScenicSpotAdmin(PlaceAdmin):
    """Scenic spots."""

    kind = ScenicSpot
    names = ("name", "level", "opening_hours", *_COMMON[1:])
    list_display = ("name", "c_level", "city", "opening_hours", "c_unit", "c_active")
    details = (
        (
            None,
            (
                "name",
                "code",
                "c_level",
                "c_unit",
                "city",
                "opening_hours",
                "address",
                "phone",
                "longitude",
                "latitude",
                "traffic",
                "notices",
                "c_active",
            ),
        ),
    )

    c_level = column("level", "等级", lambda level: "A" * level or "—")

    def tables(self, request: HttpRequest, obj: ScenicSpot) -> list[Table]:
        gates = [(link("o2o_admission_gate", one.pk, one.name), one.code) for one in obj.gates.all()]
        return [Table("检票口", ("名称", "代码"), gates)]


@admin.register(Gate)
class GateAdmin(ActingAdmin):
    """Entrances."""

    list_display = ("name", "code", "c_place", "c_active")
    list_select_related = ("venue", "spot")
    search_fields = ("name", "code")
    details = ((None, ("name", "code", "c_place", "c_active")),)

    c_active = yes_no("active", "启用")

    @admin.display(description=_("景区、场馆"))
    def c_place(self, row: Gate) -> str:
        return str(row.venue or row.spot)

    def doors(self, request: HttpRequest, obj: Gate) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, EDIT, obj):
            return ()
        words = _("停用") if obj.active else _("启用")
        return [door(words, "power_settings_new", self.address("switch", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/switch/", self.switch_view, "switch"), *super().get_urls()]

    def switch_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Open or close."""
        row: Gate = self.row(request, pk, EDIT)
        form = form_of(Gate, ())(request.POST if request.method == "POST" else None)

        def do(_told: dict[str, Any]) -> str:
            switch_gate(request.user, row, active=not row.active)
            return str(_("已保存"))

        words = _("停用检票口") if row.active else _("启用检票口")
        return self.act(request, f"{words}：{row}", form, do, self.page_of(pk))
