"""座位看板, 座位图, 预留座位: seats of buses by state, and those that somebody of a station keeps back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from plugins.org_hierarchy.interfaces import OrgUnit, desk_of
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row, rows_for

from ..access import RESERVE, VIEW
from ..choices import BlockState, SeatState
from ..models import SeatBlock, ShiftDay
from ..selectors.places import home, starts
from ..selectors.seats import board
from ..services.refreshing import freshen
from ..services.seats import NONE, let_go, may_reserve, plan_of, reserve
from .forms import NothingForm, ReserveForm

STATES: dict[str, Any] = dict(BlockState.choices)
#: Seats of a row of the plan: two on each side of the aisle.
ACROSS = 4
#: No network sells farther ahead.
AHEAD = timedelta(days=30)


@admin.register(SeatBlock)
class SeatBlockAdmin(ActingAdmin):
    """Seats that are kept back, of the units in reach."""

    list_display = ("number", "c_day", "c_bus", "c_seats", "reason", "c_state", "c_unit", "c_by", "c_at")
    list_display_links = ("number",)
    list_select_related = (
        "shift_day__shift__line__start", "shift_day__shift__line__terminal", "unit", "made_by", "supplier",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), "shift_day__shift__line__start")
    list_filter_submit = True
    search_fields = ("number", "reason", "shift_day__shift__number")
    search_help_text = _("留座单号、事由、班次号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_state", "why", "c_day", "c_bus", "c_seats", "reason", "c_network", "c_unit", "c_by",
                "c_at", "c_ended_by", "c_ended",
            ),
        ),
    )  # fmt: skip

    c_day = column("shift_day__day", "乘车日期", order="shift_day__day")
    c_bus = column("shift_day__shift", "班次", str, order=None)
    c_seats = column("seats", "座位", "、".join, order=None)
    c_network = column("supplier__name", "客票网", order=None)
    c_unit = column("unit__name", "机构", order="unit__path")
    c_by = column("made_by__first_name", "预留人", order=None)
    c_ended_by = column("ended_by__first_name", "释放人", order=None)
    c_at = moment("made_at", "预留时间")
    c_ended = moment("ended_at", "释放时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: SeatBlock) -> Any:
        return badge(row.state, STATES)

    def doors(self, request: HttpRequest, obj: SeatBlock) -> Sequence[Mapping[str, Any]]:
        """To the plan, and letting the seats go while they are kept."""
        found = [
            door(_("座位图"), "grid_on", reverse("admin:o2o_coach_shiftday_plan", args=[obj.shift_day_id]))
        ]
        if obj.state == BlockState.KEPT and may_reserve(request.user, obj.shift_day.shift.line.start):
            found.append(door(_("释放"), "lock_open", self.address("let_go", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/let-go/", self.let_go_view, "let_go"),
            *super().get_urls(),
        ]

    def let_go_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The kept seats are sold again."""
        row = self.row(request, pk, RESERVE)
        form = NothingForm(request.POST if request.method == "POST" else None)
        facts = ((_("班次"), str(row.shift_day)), (_("座位"), "、".join(row.seats)), (_("事由"), row.reason))

        def do(_told: dict[str, Any]) -> str:
            return str(STATES[let_go(request.user, row.pk).state])

        return self.act(request, _("释放预留座位"), form, do, self.page_of(row.pk), facts=facts)


def _unit(user: Any) -> OrgUnit | None:
    """Where somebody works; None where he looks from nowhere."""
    try:
        return desk_of(user, VIEW)
    except NotAllowed:
        return None


def board_page(page: Any, request: HttpRequest) -> HttpResponse:
    """A day's buses of a station with their seats by state; the networks are asked where what is known is old."""
    user: Any = request.user
    if not user.has_perm(VIEW):
        raise PermissionDenied
    stations = starts()
    station = next((one for one in stations if one.code == request.GET.get("station")), None)
    station = station or home(_unit(user), stations)
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = today()
    rows = []
    if station is not None:
        if today() <= day <= today() + AHEAD:
            freshen([station], day)
        rows = [_shown(one) for one in board(day, station)]
    context = {
        **page.admin_site.each_context(request), "opts": page.opts, "title": _("座位看板"), "stations": stations,
        "station": station, "day": day.isoformat(), "rows": rows, "labels": SeatState.labels,
    }  # fmt: skip
    return TemplateResponse(request, "o2o_coach/board.html", context)


def plan_page(page: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """The seats of a bus on its whole way, what is kept of it, and keeping more."""
    user: Any = request.user
    try:
        day: ShiftDay = get_row(user, ShiftDay, pk=pk)
    except OutOfScope:
        raise Http404 from None
    if not user.has_perm(VIEW):
        raise PermissionDenied
    line = day.shift.line
    if request.method == "POST" and not may_reserve(user, line.start):
        raise PermissionDenied
    form = ReserveForm(request.POST if request.method == "POST" else None)
    plan, wrong = NONE, ""
    try:
        plan = plan_of(day.pk, line.terminal_id)
    except DomainError as error:
        wrong = str(error.in_words)
    blocks = rows_for(user, SeatBlock).filter(shift_day=day).exclude(state=BlockState.ENDED)
    seats = [(one, state, SeatState(state).label) for one, state in plan.seats.items()]
    may = may_reserve(user, line.start) and bool(seats)

    def do(told: dict[str, Any]) -> str:
        made = reserve(
            user, day.pk, told["seats"].replace("、", " ").replace(",", " ").split(), told["reason"]
        )
        return str(_("%(state)s：%(seats)s")) % {
            "state": STATES[made.state], "seats": "、".join(made.seats),
        }  # fmt: skip

    back = page.address("plan", day.pk)
    response = page.act(request, _("座位图"), form, do, back)
    context = getattr(response, "context_data", None)
    if context is None:
        return response
    context |= {
        "day": day, "rows_of_seats": [seats[at : at + ACROSS] for at in range(0, len(seats), ACROSS)],
        "counts": [(state, label, plan.count(state)) for state, label in SeatState.choices], "wrong": wrong,
        "network": plan.network, "blocks": blocks, "may": may,
        "back": reverse("admin:o2o_coach_shiftday_change", args=[day.pk]),
    }  # fmt: skip
    return TemplateResponse(request, "o2o_coach/plan.html", context)


def _shown(row: Any) -> dict[str, Any]:
    """A row of the board: numbers and the bar's widths."""
    counts = row.counts or {}
    whole = sum(counts.values()) or 1
    return {
        "row": row, "page": reverse("admin:o2o_coach_shiftday_plan", args=[row.day.pk]),
        "counts": [
            (state, label, counts[state], round(counts[state] * 100 / whole, 1)) for state, label in SeatState.choices
        ]
        if counts
        else [],
    }  # fmt: skip
