"""客票网站点对应、线路对应: what networks call our places; what nobody knows comes first, with proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import column, link_to, moment, yes_no
from saleor_o2o.backoffice.doors import door

from ..access import STATION_EDIT
from ..models import Station, SupplierLine, SupplierStation
from ..services.mapping import match, proposals, unmatch
from .forms import MatchForm


class Unmatched(admin.SimpleListFilter):
    """Those that wait for a person."""

    title = _("对应")
    parameter_name = "matched"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return (("no", _("未对应")), ("yes", _("已对应")))

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() in ("no", "yes"):
            return queryset.filter(station__isnull=self.value() == "no")
        return queryset


@admin.register(SupplierStation)
class SupplierStationAdmin(ActingAdmin):
    """Places as networks call them."""

    list_display = (
        "c_supplier",
        "code",
        "name",
        "c_goal",
        "c_area",
        "boards_",
        "c_station",
        "c_by",
        "c_seen",
    )
    list_display_links = ("code", "name")
    list_select_related = ("supplier", "station")
    list_filter = (Unmatched, "supplier", "boards")
    search_fields = ("code", "name", "goal_name")
    search_help_text = _("对方代码、名称")
    ordering = ("station", "supplier", "code")
    details = (
        (
            None,
            (
                "c_supplier", "code", "name", "c_goal", "c_city", "c_area", "initials", "boards_", "c_station", "c_by",
                "presale_days", "stop_minutes", "most", "c_seen",
            ),
        ),
    )  # fmt: skip

    c_supplier = column("supplier__name", "客票网")
    c_goal = column("goal_name", "作为到站的名称")
    c_city = column("city", "城市")
    c_area = column("area", "区县")
    c_station = link_to("station", "我方站点", "o2o_coach_station")
    c_by = column("get_matched_by_display", "匹配", lambda show: show(), order="matched_by")
    c_seen = moment("seen_at", "最近同步")
    boards_ = yes_no("boards", "可上车")

    def tables(self, request: HttpRequest, obj: SupplierStation) -> Sequence[Table]:
        return [_proposed(obj)] if obj.station_id is None else []

    def doors(self, request: HttpRequest, obj: SupplierStation) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, STATION_EDIT, obj):
            return []
        if obj.station_id is None:
            return [door(_("确认对应站点"), "add_link", self.address("match", obj.pk))]
        return [door(_("取消对应"), "link_off", self.address("unmatch", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/match/", self.match_view, "match"),
            self.own("<int:pk>/unmatch/", self.unmatch_view, "unmatch"),
            *super().get_urls(),
        ]

    def match_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The likeliest is chosen already."""
        row: SupplierStation = self.row(request, pk, STATION_EDIT)
        table = _proposed(row)
        found = proposals(row, list(Station.objects.filter(active=True)))
        form = MatchForm(
            request.POST if request.method == "POST" else None,
            initial={"station": found[0].station.pk if found else None},
        )

        def do(told: dict[str, Any]) -> str:
            match(request.user, pk, told["station"])
            return str(_("已对应；下次同步后班次可以查询、购买"))

        facts = ((_("客票网"), row.supplier.name), (_("对方名称"), row.name), (_("对方代码"), row.code))
        return self.act(
            request, _("确认对应站点"), form, do, self.page_of(pk), facts=facts, table=table,
            note=_("对应错了会把车票卖到别处，请核对城市和区县。"),
        )  # fmt: skip

    def unmatch_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Its buses are not shown any more."""
        row: SupplierStation = self.row(request, pk, STATION_EDIT)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            unmatch(request.user, pk, told["reason"])
            return str(_("已取消对应，这个客票网在该站的班次不再显示"))

        return self.act(request, f"{_('取消对应')} {row.name}", form, do, self.page_of(pk))


def _proposed(row: SupplierStation) -> Table:
    found = proposals(row, list(Station.objects.filter(active=True)))
    rows = [(one.station.name, one.station.city, one.station.county, one.why) for one in found]
    return Table(
        str(_("可能是")), ("站点", "城市", "区县", "依据"), rows or [(_("没有相近的站点"), "", "", "")]
    )


@admin.register(SupplierLine)
class SupplierLineAdmin(ActingAdmin):
    """Lines as networks call them; they follow their two ends."""

    list_display = ("c_supplier", "code", "name", "c_line", "c_seen")
    list_display_links = ("code",)
    list_select_related = ("supplier", "line__start", "line__terminal")
    list_filter = ("supplier",)
    search_fields = ("code", "name")
    search_help_text = _("对方线路、名称")
    details = ((None, ("c_supplier", "code", "name", "c_line", "c_seen")),)

    c_supplier = column("supplier__name", "客票网")
    c_line = column("line", "我方线路", str, order=None)
    c_seen = moment("seen_at", "最近同步")
