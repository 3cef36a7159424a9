"""场次: arranged, opened, paused, cancelled, put off; the board of seats with what is kept back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.services.reach import typed, typed_key
from plugins.ticketing.kernel.services.sold_on import sold_on
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import link, link_to, moment, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ..access import CANCEL, EDIT, STOCK
from ..choices import MapState, SeatState, SessionState
from ..models import AdmissionProduct, Hall, Quota, SeatMap, Session, SessionSeat, TicketClass
from ..services.capacity import warning_of
from ..services.sessions import cancel_session, make_session, move_session, postpone_session
from ..services.stock import block_seats, make_quota, watch_session
from .fields import MomentField, form_of, number, row_of, text

_MOVES = {
    "open": (_("开放销售"), (SessionState.DRAFT, SessionState.PAUSED)),
    "pause": (_("暂停销售"), (SessionState.ON_SALE,)),
    "end": (_("结束"), (SessionState.DRAFT, SessionState.ON_SALE, SessionState.PAUSED)),
}
_LIVE = (SessionState.DRAFT, SessionState.ON_SALE, SessionState.PAUSED)
_STATES: dict[str, Any] = dict(SessionState.choices)
_SEATS: dict[str, Any] = dict(SeatState.choices)


@admin.register(Session)
class SessionAdmin(ActingAdmin):
    """Sessions, and how full they are."""

    begins = ((_("排场次"), "add", "make", EDIT),)
    list_display = ("c_name", "c_product", "c_hall", "c_starts", "c_opens", "c_state", "c_full")
    list_display_links = ("c_name",)
    list_filter = (choice("state", "状态", _STATES),)
    list_filter_submit = True
    list_select_related = ("product", "hall__venue")
    search_fields = ("name", "product__name", "hall__venue__name")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-pk")
    details = (
        (None, ("c_product", "name", "c_hall", "c_map", "c_starts", "c_ends", "c_opens", "c_closes", "c_state",
                "c_postponed", "reason", "alarm_below", "c_alarm")),
    )  # fmt: skip

    c_product = link_to("product", "产品", "o2o_admission_admissionproduct")
    c_hall = link_to("hall", "厅", "o2o_admission_hall")
    c_map = link_to("seat_map", "座位图", "o2o_admission_seatmap")
    c_starts = moment("starts_at", "开始")
    c_ends = moment("ends_at", "结束")
    c_opens = moment("opens_at", "开售")
    c_closes = moment("closes_at", "停售")
    c_postponed = moment("postponed_from", "原定时间")
    c_alarm = moment("alarmed_at", "低库存提醒")
    c_state = state("state", "状态", _STATES)

    @admin.display(description=_("场次"))
    def c_name(self, row: Session) -> str:
        return row.name or row.product.name

    @admin.display(description=_("已售／总座位"))
    def c_full(self, row: Session) -> str:
        return str(row.o2o_full)  # type: ignore[attr-defined]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """How full the sessions of a page are, in two statements however many they are."""
        found = super().get_changelist_instance(request)
        keys = [row.pk for row in found.result_list]
        sold = Count("pk", filter=Q(state=SeatState.SOLD))
        seats = SessionSeat.objects.filter(session__in=keys).order_by().values_list("session")
        full = {key: f"{taken}／{room}" for key, room, taken in seats.annotate(all=Count("pk"), sold=sold)}
        quotas = Quota.objects.filter(session__in=keys, channel="").order_by("-pk")
        plain = {one.session_id: f"{one.taken}／{one.capacity}" for one in quotas}
        for row in found.result_list:
            row.o2o_full = (full if row.seat_map_id is not None else plain).get(row.pk, "—")
        return found

    def tables(self, request: HttpRequest, obj: Session) -> list[Table]:
        counted: dict[str, dict[str, int]] = {}
        for category, kind, count in (
            obj.seats.order_by("category").values_list("category", "state").annotate(Count("pk"))
        ):
            counted.setdefault(category, {})[kind] = count
        seats = [
            (category, *(str(told.get(one, 0)) for one in SeatState.values), str(sum(told.values())))
            for category, told in counted.items()
        ]
        quotas = [
            (link("o2o_admission_quota", one.pk, one.name), one.get_channel_display() or _("全部渠道"),
             str(one.capacity), str(one.taken), str(one.left))
            for one in obj.quotas.all()
        ]  # fmt: skip
        found = []
        if seats:
            found.append(
                Table("座位", ("等级", *(str(_SEATS[one]) for one in SeatState.values), "合计"), seats)
            )
        found.append(Table("配额", ("名称", "渠道", "总量", "已占", "剩余"), quotas))
        return found

    def doors(self, request: HttpRequest, obj: Session) -> Sequence[Mapping[str, Any]]:
        found = []
        if obj.seat_map_id is not None:
            found.append(door(_("座位看板"), "event_seat", self.address("board", obj.pk)))
        if self.may(request, EDIT, obj):
            found += [
                door(words, "swap_horiz", f"{self.address('move', obj.pk)}?to={to}")
                for to, (words, states) in _MOVES.items()
                if obj.state in states
            ]
        if obj.seat_map_id is not None and self.may(request, STOCK, obj) and obj.state in _LIVE:
            found.append(door(_("低库存提醒"), "notifications", self.address("alarm", obj.pk)))
        if self.may(request, CANCEL, obj) and obj.state in _LIVE:
            found += [
                door(_("延期"), "update", self.address("postpone", obj.pk)),
                door(_("取消场次"), "event_busy", self.address("cancel", obj.pk)),
            ]
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("make/", self.make_view, "make"),
            self.own("<int:pk>/move/", self.move_view, "move"),
            self.own("<int:pk>/cancel/", self.cancel_view, "cancel"),
            self.own("<int:pk>/postpone/", self.postpone_view, "postpone"),
            self.own("<int:pk>/alarm/", self.alarm_view, "alarm"),
            self.own("<int:pk>/board/", self.board_view, "board"),
            *super().get_urls(),
        ]

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """A session of a product, or one each day for some days."""
        user: Any = request.user
        if not user.has_perm(EDIT):
            raise PermissionDenied
        key = typed_key(request.GET.get("product"))
        product = rows_for(user, AdmissionProduct).filter(pk=key).first()
        maps = rows_for(user, SeatMap).filter(state=MapState.PUBLISHED).select_related("hall__venue")
        rows = {"hall": rows_for(user, Hall).select_related("venue")}
        kind = form_of(
            Session, ("name",), rows, product=row_of(_("产品"), rows_for(user, AdmissionProduct, EDIT)),
            seat_map=row_of(_("座位图"), maps, required=False, help_text=_("对号入座的选座位图")),
            hall=row_of(_("厅"), rows["hall"], required=False, help_text=_("不对号入座的选厅")),
            starts_at=MomentField(label=_("开始")), ends_at=MomentField(label=_("结束")),
            opens_at=MomentField(label=_("开售"), required=False, help_text=_("空：现在")),
            closes_at=MomentField(label=_("停售"), required=False, help_text=_("空：开始时")),
            days=number(_("连续几天"), least=1, most=60, initial=1),
            capacity=number(_("不对号入座时的总量"), required=False),
        )  # fmt: skip
        form = kind(
            request.POST if request.method == "POST" else None, initial={"product": product, "days": 1}
        )

        @transaction.atomic
        def do(said: dict[str, Any]) -> str:
            for at in range(said["days"]):
                shift = timedelta(days=at)
                made = make_session(
                    user, said["product"], name=said["name"], hall=said["hall"], seat_map=said["seat_map"],
                    starts_at=said["starts_at"] + shift, ends_at=said["ends_at"] + shift, opens_at=said["opens_at"],
                    closes_at=said["closes_at"] + shift if said["closes_at"] else None,
                )  # fmt: skip
                if said["capacity"] and said["seat_map"] is None:
                    make_quota(user, said["product"], said["capacity"], session=made)
            return str(_("已排 %(count)d 场，检查后请开放销售") % {"count": said["days"]})

        return self.act(request, _("排场次"), form, do, reverse(f"admin:{self._page('changelist')}"))

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Open, pause, end."""
        row: Session = self.row(request, pk, EDIT)
        to = request.GET.get("to", "")
        if to not in _MOVES:
            raise Http404

        def do(_told: dict[str, Any]) -> str:
            return str(move_session(request.user, row, to).get_state_display())

        form = forms.Form(request.POST if request.method == "POST" else None)
        note = str(warning_of(row)) if to == "open" else ""
        return self.act(request, f"{_MOVES[to][0]}：{row}", form, do, self.page_of(pk), note=note)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """It does not take place."""
        row: Session = self.row(request, pk, CANCEL)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            cancel_session(request.user, row, told["reason"])
            return str(_("已取消，不再售票；已售的票按主办方原因退"))

        note = _("取消后不能恢复。已售的票全部退款，不收手续费；购票人会看到原因。")
        return self.act(
            request, f"{_('取消场次')}：{row}", form, do, self.page_of(pk), note=note, facts=_sold(row)
        )

    def postpone_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """It begins at another time."""
        row: Session = self.row(request, pk, CANCEL)
        kind = form_of(
            Session, (), starts_at=MomentField(label=_("新的开始时间")), reason=text(_("原因"), 200)
        )
        form = kind(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            postpone_session(request.user, row, told["starts_at"], told["reason"])
            return str(_("已延期"))

        return self.act(request, f"{_('延期')}：{row}", form, do, self.page_of(pk), facts=_sold(row))

    def alarm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """From how many free seats on somebody is told."""
        row: Session = self.row(request, pk, STOCK)
        kind = form_of(
            Session,
            (),
            alarm_below=number(_("空座低于此数提醒"), help_text=_("0：不提醒；补足后再次不足会再提醒")),
        )
        form = kind(
            request.POST if request.method == "POST" else None, initial={"alarm_below": row.alarm_below}
        )

        def do(told: dict[str, Any]) -> str:
            watch_session(request.user, row, told["alarm_below"])
            return str(_("已保存，每五分钟检查一次"))

        return self.act(request, f"{_('低库存提醒')}：{row}", form, do, self.page_of(pk))

    def board_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All seats with their states; free ones are kept back here, and let go."""
        row: Session = self.row(request, pk, "view")
        if row.seat_map is None:
            raise Http404
        may = self.may(request, STOCK, row)
        error = note = ""
        keys: list[int] = []
        if request.method == "POST":
            if not may:
                raise PermissionDenied
            keys = [
                int(one)
                for one in request.POST.get("seats", "").split(",")
                if one.isascii() and one.isdigit() and len(one) < 16
            ][:2000]
            note = typed(request.POST.get("note", ""), 60)
            try:
                block_seats(
                    request.user, row, keys, note, blocked="block" in request.POST,
                )  # fmt: skip
            except DomainError as refused:
                error = refused.in_words
            else:
                return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{_('座位看板')} {row}",
            "back": self.page_of(pk),
            "may": may,
            "error": error,
            "note": note,
            "picked": ",".join(map(str, keys)),
            "states": list(SeatState.choices),
            "board": _board(row),
        }
        return TemplateResponse(request, "o2o_admission/seat_board.html", context)


def _board(row: Session) -> dict[str, Any]:
    """The seats by zone and row, with what keeps each. Two statements."""
    kinds = dict(TicketClass.objects.filter(product=row.product_id).values_list("pk", "name"))
    zones: dict[str, dict[int, dict[str, Any]]] = {}
    seats = SessionSeat.objects.filter(session=row).order_by("line", "place").values_list(
        "seat", "zone", "row", "number", "line", "place", "category", "state", "hold", "ticket_class", "note"
    )  # fmt: skip
    for seat, zone, name, number_, line, place, category, kind, hold, held_as, note in seats:
        told = zones.setdefault(zone, {}).setdefault(line, {"row": name, "cells": {}})
        words = " ".join(filter(None, (str(_SEATS[kind]), hold, kinds.get(held_as), note)))
        told["cells"][place] = [seat, number_, category, kind, words]
    categories = row.seat_map.categories if row.seat_map is not None else {}
    told_zones = [
        {"name": zone, "rows": [told for _line, told in sorted(lines.items())]}
        for zone, lines in zones.items()
    ]
    return {"categories": categories, "zones": told_zones}


def _sold(row: Session) -> list[tuple[Any, Any]]:
    """Whom it touches: seen before it is done."""
    sold = sold_on(row.product.trade, f"session:{row.pk}", row.starts_at)
    told = {"orders": sold.orders, "tickets": sold.tickets}
    facts: list[tuple[Any, Any]] = [
        (_("已售"), _("%(orders)d 单、%(tickets)d 张票") % told), (_("票款合计"), yuan(sold.due)),
    ]  # fmt: skip
    if sold.waiting:
        facts.append((_("已付款未出票"), _("%(count)d 单") % {"count": sold.waiting}))
    return facts
