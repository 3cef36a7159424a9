"""汽车票柜台, 班次看板, 线路, 报表: where tickets are sold, what is left, how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.access import SELL
from plugins.ticketing.kernel.admin.phones import phone_options
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import SHANGHAI, today
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

from ..access import REPORT, VIEW
from ..choices import OfferState, ShiftState
from ..models import Line, ShiftDay, ShiftFare
from ..selectors.boards import sold_on
from ..selectors.places import home, starts
from ..services.limits import carried_on
from ..windows import opening_day
from . import desk
from .desk_changes import order_to_change, shown
from .reporting import report
from .seats import board_page, plan_page

STATE = dict(ShiftState.choices)
OFFER = dict(OfferState.choices)


@admin.register(ShiftDay)
class ShiftDayAdmin(ActingAdmin):
    """Buses of days: the counter, the board, the report."""

    begins = (
        (_("售票"), "point_of_sale", "counter", SELL),
        (_("座位看板"), "grid_on", "board", VIEW),
        (_("统计"), "monitoring", "report", REPORT),
    )
    list_display = ("c_day", "c_departs", "c_line", "c_number", "c_kind", "seats", "c_gate", "c_state")
    list_display_links = ("c_day", "c_departs")
    list_select_related = ("shift__line__start", "shift__line__terminal")
    list_filter = (
        ("day", titled(RangeDateFilter, "乘车日期")), ("state", ChoicesDropdownFilter), "shift__line__start",
        "shift__flow",
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("shift__number", "shift__line__start__name", "shift__line__terminal__name")
    search_help_text = _("班次号、始发站、终到站")
    ordering = ("-day", "departs")
    details = (
        (
            None,
            (
                "c_day", "c_state", "c_line", "c_number", "c_kind", "c_departs", "c_last", "seats", "c_children",
                "c_vehicle", "c_gate", "c_bay",
            ),
        ),
    )  # fmt: skip

    c_day = column("day", "乘车日期")
    c_departs = moment("departs", "发车")
    c_last = moment("last", "末班")
    c_line = column("shift__line", "线路", str, order=None)
    c_number = column("shift__number", "班次号", order=None)
    c_vehicle = column("shift__vehicle", "车型", order=None)
    c_gate = column("gate", "检票口")
    c_bay = column("bay", "发车位")

    @admin.display(description=_("班次类型"))
    def c_kind(self, row: ShiftDay) -> str:
        return str(_("流水班") if row.shift.flow else _("加班车") if row.extra else _("固定班"))

    @admin.display(description=_("携童"))
    def c_children(self, row: ShiftDay) -> str:
        return f"{carried_on(row)} / {row.carried_most}"

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: ShiftDay) -> Any:
        return badge(row.state, STATE)

    def doors(self, request: HttpRequest, obj: ShiftDay) -> Sequence[Mapping[str, Any]]:
        """To the seats, of a bus that has some."""
        return [] if obj.shift.flow else [door(_("座位图"), "event_seat", self.address("plan", obj.pk))]

    def tables(self, request: HttpRequest, obj: ShiftDay) -> Sequence[Table]:
        offers = obj.offers.select_related("station", "supplier").order_by("kilometres", "supplier__priority")
        rows = [
            (
                one.station.name, one.supplier.name, one.their_shift, "—" if one.left is None else one.left,
                yuan(one.prices["full"]) if "full" in one.prices else "—",
                yuan(one.services["full"]) if "full" in one.services else "—", OFFER.get(one.state, one.state),
                one.seen_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M:%S"),
            )
            for one in offers
        ]  # fmt: skip
        headers = ("到站", "客票网", "对方班次", "余票", "票面价", "服务费", "状态", "查询时间")
        sold = [(name, count) for name, count in sold_on(request.user, obj)]
        return [
            Table(str(_("各客票网余票")), headers, rows),
            Table(str(_("本平台售出（管辖范围内）")), ("状态", "张数"), sold),
        ]

    def get_urls(self) -> list[Any]:
        return [
            self.own("counter/", self.counter_view, "counter"),
            path(
                "counter/ask/<str:name>/", self.admin_site.admin_view(self.ask_view), name=self._page("ask")
            ),
            self.own("board/", self.board_view, "board"),
            self.own("<int:pk>/seats/", self.plan_view, "plan"),
            self.own("report/", self.report_view, "report"),
            *super().get_urls(),
        ]

    def counter_view(self, request: HttpRequest) -> HttpResponse:
        """Destination, date, bus, passengers, money: by the keyboard alone. `change`: the order that is changed."""
        user: Any = request.user
        if not user.has_perm(SELL):
            raise PermissionDenied
        try:
            unit = desk_of(user, SELL)
        except NotAllowed:
            raise PermissionDenied from None
        stations = starts()
        first = home(unit, stations)
        options: dict[str, Any] = {
            "ask": reverse(f"admin:{self._page('ask')}", args=["NAME"]),
            "till": reverse("admin:o2o_counter_sales_countersale_ask", args=["NAME"]),
            "today": (opening_day(first) if first else today()).isoformat(),
            "phone": phone_options(user),
            "start": first.code if first else "",
            "stations": [
                {name: getattr(one, name) for name in ("code", "name", "initials", "pinyin", "aliases")}
                for one in stations
            ],
        }  # fmt: skip
        number = request.GET.get("change", "")
        if number:
            try:
                options["change"] = shown(order_to_change(user, number))
            except OutOfScope:
                raise Http404 from None
            except NotAllowed:
                raise PermissionDenied from None
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "options": options,
            "title": _("汽车票改签") if number else _("汽车票售票"), "changing": options.get("change"),
            "unit": unit,
        }  # fmt: skip
        return TemplateResponse(request, "o2o_coach/counter.html", context)

    def ask_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """What the counter asks."""
        return desk.answer(request, name)

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """A day's buses of a station with their seats by state."""
        return board_page(self, request)

    def plan_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The seats of a bus; keeping some back."""
        return plan_page(self, request, pk)

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """By station, line and outlet; how well holds and issues went."""
        return report(self, request)


@admin.register(Line)
class LineAdmin(ActingAdmin):
    """Lines with their stops, shifts and fares."""

    list_display = ("code", "c_start", "c_terminal")
    list_display_links = ("code",)
    list_select_related = ("start", "terminal")
    list_filter = ("start",)
    search_fields = ("code", "start__name", "terminal__name")
    search_help_text = _("线路代码、站名")
    details = ((None, ("code", "c_start", "c_terminal")),)

    c_start = column("start__name", "始发站")
    c_terminal = column("terminal__name", "终到站")

    def tables(self, request: HttpRequest, obj: Line) -> Sequence[Table]:
        stops = [(one.station.name, one.kilometres) for one in obj.stops.select_related("station")]
        shifts = [
            (
                one.number, f"{one.departs:%H:%M}", "流水班" if one.flow else "固定班", one.vehicle, one.seats,
                one.gate, one.first_day, one.last_day,
            )
            for one in obj.shifts.all()
        ]  # fmt: skip
        fares = [
            (
                one.shift.number,
                one.station.name,
                yuan(one.full),
                yuan(one.half) if one.half is not None else "—",
            )
            for one in ShiftFare.objects.filter(shift__line=obj).select_related("shift", "station")[:200]
        ]
        return [
            Table(str(_("停靠")), ("到站", "里程（公里）"), stops),
            Table(
                str(_("班次")), ("班次号", "发车", "类型", "车型", "座位", "检票口", "首见", "末见"), shifts
            ),
            Table(str(_("票价")), ("班次号", "到站", "全价", "半价"), fares),
        ]
