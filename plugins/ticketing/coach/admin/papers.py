"""纸票库存、纸票: ranges of sheets by outlet and clerk, sheets that were printed on, counts at a shift's end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from plugins.org_hierarchy.interfaces import OrgUnit, Staff, may_at
from plugins.ticketing.kernel.access import SELL
from plugins.ticketing.kernel.drawing import qr as _qr
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.parts import joined
from plugins.ticketing.kernel.parts import words_of as parts_in_words
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_id_number
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row

from ..access import PAPER_EXPORT, PAPER_PRINT, PAPER_STOCK
from ..choices import PaperState, SheetState
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..models import PaperCount, PaperRange, PaperSheet
from ..services.gate_keys import code_of
from ..services.papers import (
    count,
    give,
    give_back,
    hand_in,
    may_lie_printed,
    print_on,
    range_of,
    spoil,
    take_in,
)
from ..trade import words_of
from .forms import CountForm, GiveForm, SpoilForm, TakeInForm

STATE = dict(PaperState.choices)
SHEET = dict(SheetState.choices)
#: A sheet as it is printed: `PaperRange.serial`.
_SERIAL = re.compile(r"(?P<series>[A-Z0-9]{0,6})(?P<number>[0-9]{8})")


@admin.register(PaperRange)
class PaperRangeAdmin(ActingAdmin):
    """Sheets of the units in reach."""

    begins = (
        (_("入库"), "add", "take_in", PAPER_STOCK),
        (_("交班清点"), "fact_check", "count", PAPER_PRINT),
        (_("作废下一张"), "delete_sweep", "spoil", PAPER_PRINT),
    )
    list_display = (
        "c_numbers", "c_unit", "c_holder", "c_state", "c_next", "c_left", "c_used", "c_taken",
    )  # fmt: skip
    list_display_links = ("c_numbers",)
    list_select_related = ("unit", "holder")
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("series", "unit__name")
    search_help_text = _("字轨、机构、票号")
    ordering = ("series", "first")
    details = (
        (
            None,
            (
                "c_numbers", "c_state", "c_unit", "c_holder", "c_next", "c_left", "c_used", "c_made", "c_taken",
            ),
        ),
    )  # fmt: skip
    export = Export(
        _("纸票库存"), PAPER_EXPORT,
        (
            Cell(_("号段"), str), Cell(_("机构"), "unit__name"), Cell(_("领用人"), "holder__first_name"),
            Cell(_("状态"), "get_state_display"),
            Cell(_("当前号"), lambda row: row.serial(row.next) if row.remaining else ""), Cell(_("剩余"), "remaining"),
        ),
        related=("unit", "holder"),
    )  # fmt: skip

    c_unit = column("unit__name", "机构", order="unit__path")
    c_holder = column("holder__first_name", "领用人", order=None)
    c_left = column("remaining", "剩余", lambda left: f"{left} 张", order=None)
    c_used = column("used", "已用", lambda used: f"{used} 张", order=None)
    c_made = moment("made_at", "登记时间")
    c_taken = moment("taken_at", "领用时间")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the number of any sheet, too, as it is printed on it, with or without its series."""
        told = _SERIAL.fullmatch(search_term.strip().upper())
        if told is None:
            return super().get_search_results(request, queryset, search_term)
        number = int(told["number"])
        found = queryset.filter(first__lte=number, last__gte=number)
        return (found.filter(series=told["series"]) if told["series"] else found), False

    @admin.display(description=_("号段"), ordering="first")
    def c_numbers(self, row: PaperRange) -> str:
        return str(row)

    @admin.display(description=_("当前号"))
    def c_next(self, row: PaperRange) -> str:
        return row.serial(row.next) if row.remaining else "—"

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: PaperRange) -> Any:
        return badge(row.state, STATE)

    def tables(self, request: HttpRequest, obj: PaperRange) -> Sequence[Table]:
        rows = [
            (
                row.serial(one.expected),
                row.serial(one.counted),
                one.difference,
                one.printed,
                one.voided,
                one.note,
            )
            for one in PaperCount.objects.filter(range=obj).select_related("range")[:20]
            for row in (one.range,)
        ]
        headers = ("系统当前号", "实物当前号", "相差", "当日打印", "当日作废", "说明")
        return [Table(str(_("清点")), headers, rows)]

    def doors(self, request: HttpRequest, obj: PaperRange) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, PAPER_STOCK, obj):
            return []
        if obj.state in (PaperState.STORED, PaperState.RETURNED) and obj.remaining:
            return [door(_("发放"), "person_add", self.address("give", obj.pk))]
        if obj.state == PaperState.IN_USE:
            return [door(_("退回库存"), "undo", self.address("back", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [
            self.own("take-in/", self.take_in_view, "take_in"),
            self.own("count/", self.count_view, "count"),
            self.own("spoil/", self.spoil_view, "spoil"),
            self.own("<int:pk>/give/", self.give_view, "give"),
            self.own("<int:pk>/back/", self.back_view, "back"),
            *super().get_urls(),
        ]

    def _list(self) -> str:
        return reverse(f"admin:{self._page('changelist')}")

    def take_in_view(self, request: HttpRequest) -> HttpResponse:
        """New sheets of a unit in reach."""
        user: Any = request.user
        if not user.has_perm(PAPER_STOCK):
            raise PermissionDenied
        form = TakeInForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            unit = OrgUnit.objects.filter(code=told["unit"].strip().upper()).first()
            if unit is None or not may_at(user, PAPER_STOCK, unit):
                raise CoachError(
                    Code.INVALID_INPUT, _("没有这个机构，或纸票不归您管"), "unit", _("请核对机构代码")
                )
            made = take_in(user, unit, told["series"], told["first"], told["last"])
            return str(_("已入库 %(numbers)s") % {"numbers": str(made)})

        return self.act(request, _("纸票入库"), form, do, self._list())

    def give_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To a clerk of the unit."""
        row: PaperRange = self.row(request, pk, PAPER_STOCK)
        form = GiveForm(
            request.POST if request.method == "POST" else None, initial={"count": min(row.remaining, 100)}
        )

        def do(told: dict[str, Any]) -> str:
            staff = Staff.objects.select_related("user").filter(employee_no=told["clerk"].strip()).first()
            if staff is None:
                raise CoachError(Code.INVALID_INPUT, _("没有这个工号"), "clerk")
            made = give(request.user, pk, staff.user, told["count"])
            return str(_("已发放 %(numbers)s") % {"numbers": str(made)})

        facts = ((_("号段"), str(row)), (_("机构"), row.unit.name), (_("剩余"), f"{row.remaining} 张"))
        return self.act(request, _("发放纸票"), form, do, self.page_of(pk), facts=facts)

    def back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Blank sheets go back."""
        row: PaperRange = self.row(request, pk, PAPER_STOCK)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            give_back(request.user, pk)
            return str(_("已退回库存"))

        facts = ((_("当前号"), row.serial(row.next)), (_("剩余"), f"{row.remaining} 张"))
        return self.act(request, _("纸票退回库存"), form, do, self.page_of(pk), facts=facts)

    def count_view(self, request: HttpRequest) -> HttpResponse:
        """The clerk's own sheets."""
        user: Any = request.user
        if not user.has_perm(PAPER_PRINT):
            raise PermissionDenied
        mine = range_of(user)
        form = CountForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            made = count(user, told["counted"], told["note"])
            if made.difference:
                return str(_("已登记，与系统相差 %(count)d 张") % {"count": made.difference})
            return str(_("已登记，与系统一致"))

        facts = ((_("在用号段"), str(mine) if mine is not None else _("没有")),)
        return self.act(request, _("纸票交班清点"), form, do, self._list(), facts=facts)

    def spoil_view(self, request: HttpRequest) -> HttpResponse:
        """The printer ate it."""
        user: Any = request.user
        if not user.has_perm(PAPER_PRINT):
            raise PermissionDenied
        mine = range_of(user)
        form = SpoilForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            made = spoil(user, told["reason"])
            return str(_("已作废 %(serial)s") % {"serial": made.serial})

        facts = ((_("下一张"), mine.serial(mine.next) if mine is not None else _("没有")),)
        return self.act(request, _("作废下一张空白票"), form, do, self._list(), facts=facts)


@admin.register(PaperSheet)
class PaperSheetAdmin(ActingAdmin):
    """Sheets that are no longer blank."""

    list_display = ("serial", "c_ticket", "c_state", "c_unit", "c_by", "c_at", "why")
    list_display_links = ("serial",)
    list_select_related = ("ticket", "range__unit", "printed_by")
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("serial", "ticket__number")
    search_help_text = _("纸票号、票号")
    ordering = ("-pk",)
    details = (
        (None, ("serial", "c_state", "c_ticket", "c_unit", "c_by", "c_at", "c_ended_by", "c_ended", "why")),
    )

    c_ticket = column("ticket__number", "票号", order=None)
    c_unit = column("range__unit__name", "机构", order=None)
    c_by = column("printed_by__first_name", "打印人", order=None)
    c_at = moment("printed_at", "打印时间")
    c_ended = moment("ended_at", "作废（收回）时间")
    c_ended_by = column("ended_by__first_name", "作废（收回）人", order=None)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: PaperSheet) -> Any:
        return badge(row.state, SHEET)

    def doors(self, request: HttpRequest, obj: PaperSheet) -> Sequence[Mapping[str, Any]]:
        user: Any = request.user
        if obj.state != SheetState.PRINTED:
            return []
        found = []
        if self.may(request, PAPER_PRINT, obj):
            found.append(door(_("作废重打"), "replay", self.address("void", obj.pk)))
        if user.has_perm(SELL):
            found.append(door(_("退票收回"), "assignment_return", self.address("hand_in", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("print/<str:number>/", self.print_view, "print"),
            self.own("<int:pk>/void/", self.void_view, "void"),
            self.own("<int:pk>/hand-in/", self.hand_in_view, "hand_in"),
            *super().get_urls(),
        ]

    def print_view(self, request: HttpRequest, number: str) -> HttpResponse:
        """Every ticket of an order that counts on a sheet each; asked again, the same sheets."""
        user: Any = request.user
        if not user.has_perm(PAPER_PRINT):
            raise PermissionDenied
        try:
            order = get_row(user, TicketOrder, number=number.strip().upper()[:24])
        except OutOfScope:
            raise Http404 from None
        if request.method != "POST":
            raise Http404
        sheets, problem = [], None
        tickets = list(order.tickets.select_related("passenger").order_by("pk"))
        # of a party that gave some back, or fetched them at the station, only the others; else the first one says why
        for ticket in list(filter(may_lie_printed, tickets)) or tickets[:1]:
            try:
                sheets.append((print_on(user, ticket.pk), ticket))
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as error:
                problem = error.in_words
                break
        context = {
            "title": _("打印车票"), "order": order, "words": words_of(order), "problem": problem,
            "sheets": [_paper(sheet, ticket) for sheet, ticket in sheets],
        }  # fmt: skip
        return TemplateResponse(request, "o2o_coach/paper.html", context)

    def void_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new sheet may be printed."""
        row: PaperSheet = self.row(request, pk, PAPER_PRINT)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            spoil(request.user, told["reason"], sheet=pk)
            return str(_("已作废，可以重新打印"))

        return self.act(request, f"{_('作废纸票')} {row.serial}", form, do, self.page_of(pk))

    def hand_in_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The ticket can be given back or changed now."""
        row: PaperSheet = self.row(request, pk, SELL)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            hand_in(request.user, pk, told["reason"])
            return str(_("已收回，可以办理退票、改签"))

        note = _("请把纸票收回并剪角；收回后才能退票、改签。")
        return self.act(request, f"{_('收回纸票')} {row.serial}", form, do, self.page_of(pk), note=note)


def _paper(sheet: PaperSheet, ticket: Any) -> dict[str, Any]:
    """What is printed of a ticket: the whole name and the document without its middle, as on stations' own paper; at
    the gate both are compared with the document (decision 0122)."""
    person, code = ticket.passenger, code_of(ticket.number)
    return {
        "serial": sheet.serial, "number": ticket.number, "theirs": ticket.their_number, "fare": ticket.fare_name,
        "seat": ticket.seat or _("不对号"), "price": ticket.face, "parts": joined(parts_in_words(ticket)),
        "name": person.name if person else "",
        "document": mask_id_number(person.document_number) if person else "", "code": code, "svg": _qr(code),
    }  # fmt: skip
