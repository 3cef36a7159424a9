"""改签单: what is changed against what, what it costs; a clerk changes tickets to a trip that is held."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.columns import at, badge, column, moment, money
from saleor_o2o.backoffice.doors import add_doors, door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for

from ..access import CARRIERS_FAULT, EXPORT, REFUND
from ..choices import ChangeState, MoneyState, RefundCause, TicketState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..legs import class_of
from ..models import ChangeRequest, Ticket, TicketOrder
from ..services.binding import mine
from ..services.change_paying import give_up
from ..services.changing import ChangeOffer, StaleChange, Wanted, preview_change, refuse_gone, submit_change

STATE = dict(ChangeState.choices)
MONEY = dict(MoneyState.choices)
CAUSES = [(one.value, one.label) for one in (RefundCause.PASSENGER, RefundCause.CARRIER)]


class ChangeForm(forms.Form):
    """Which tickets, against which trip."""

    tickets = forms.MultipleChoiceField(
        label=_("改签哪些票"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": _("请选择要改签的票")},
    )
    target = forms.CharField(
        label=_("新行程的占座单号"), max_length=24, widget=UnfoldAdminTextInputWidget,
        help_text=_("为同样的乘客占好的新班次（场次）；汽车票在订单页点“改签”，到售票台选班次即可，不用填号"),
    )  # fmt: skip
    cause = forms.ChoiceField(label=_("原因方"), widget=UnfoldAdminSelectWidget)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    tokens = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20000)
    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, data: Any, tickets: Sequence[Ticket], causes: Any, **more: Any) -> None:
        super().__init__(data, **more)
        choices = [(str(one.pk), f"{one.number} {class_of(one)} {one.seat}") for one in tickets]
        self.fields["tickets"].choices = choices  # type: ignore[attr-defined]
        self.fields["cause"].choices = list(causes)  # type: ignore[attr-defined]

    def clean_tokens(self) -> dict[int, str]:
        """The quotes by ticket; what cannot be read is no quote."""
        try:
            found = json.loads(self.cleaned_data["tokens"] or "{}")
            return {int(key): str(token) for key, token in found.items()}
        except (ValueError, AttributeError):
            return {}


#: Where the new trip of a trade's order is chosen and held; empty where the clerk may not.
Chooser = Callable[[HttpRequest, TicketOrder], str]
_choosers: dict[str, Chooser] = {}


def add_chooser(trade: str, chooser: Chooser) -> None:
    """Have 改签 of a trade's orders begin at its counter, with the order in mind."""
    _choosers[str(trade)] = chooser


def _order_doors(request: HttpRequest, order: TicketOrder) -> Sequence[Mapping[str, Any]]:
    """改签 on the page of a ticket order, for whoever may, while something can be changed."""
    if not policy_for(TicketOrder).may(request.user, REFUND, order):
        return ()
    if not order.tickets.filter(state=TicketState.ISSUED).exists():
        return ()
    by_hand = reverse("admin:o2o_ticketing_changerequest_new", args=[order.pk])
    chooser = _choosers.get(order.trade)
    return [
        door(_("改签"), "swap_horiz", (chooser(request, order) if chooser is not None else "") or by_hand)
    ]


add_doors(TicketOrder, _order_doors)


@admin.register(ChangeRequest)
class ChangeAdmin(ActingAdmin):
    """Changes of the orders in reach."""

    list_display = (
        "number", "c_order", "c_target", "c_cause", "c_unit", "c_fee", "c_to_pay", "c_back", "c_state", "c_asked",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("ticket_order", "target", "unit", "asked_by")
    list_filter = (
        ("state", ChoicesDropdownFilter), ("cause", ChoicesDropdownFilter),
        ("asked_at", titled(RangeDateFilter, "申请时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("number", "ticket_order__number", "target__number", "items__old__number")
    search_help_text = _("改签单号、票务订单号、票号")
    ordering = ("-pk",)
    details = (
        (None, ("number", "c_state", "c_order", "c_target", "c_cause", "c_unit", "c_by", "c_fee", "c_to_pay", "c_back",
                "words", "why", "c_asked", "c_done")),
    )  # fmt: skip
    export = Export(
        "改签单", EXPORT,
        (
            Cell("改签单号", "number"), Cell("原票务订单号", "ticket_order__number"),
            Cell("新票务订单号", "target__number"), Cell("机构", "unit__name"),
            Cell("手续费", "fee"), Cell("应补", "to_pay"), Cell("应退", "back"),
            Cell("状态", lambda row: row.get_state_display()), Cell("申请时间", "asked_at"),
        ),
        related=("ticket_order", "target", "unit"),
    )  # fmt: skip

    c_order = column("ticket_order__number", "原票务订单", order=None)
    c_target = column("target__number", "新票务订单", order=None)
    c_cause = column("get_cause_display", "原因方", lambda show: show(), order="cause")
    c_unit = column("unit__name", "受理机构", order="unit__path")
    c_fee = money("fee", "手续费")
    c_to_pay = money("to_pay", "应补")
    c_back = money("back", "应退")
    c_asked = moment("asked_at", "申请时间")
    c_done = moment("done_at", "完成时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: ChangeRequest) -> Any:
        return badge(row.state, STATE)

    @admin.display(description=_("申请人"))
    def c_by(self, row: ChangeRequest) -> str:
        if row.asked_by is None:
            return str(_("系统"))
        return row.asked_by.first_name if row.asked_by.is_staff else str(_("客户本人"))

    def tables(self, request: HttpRequest, obj: ChangeRequest) -> Sequence[Table]:
        items = [
            (one.old.number, one.new.number, yuan(one.fee), yuan(one.difference), yuan(one.to_pay), yuan(one.back),
             yuan(one.supplier_difference), one.words)
            for one in obj.items.select_related("old", "new").order_by("pk")
        ]  # fmt: skip
        back = [
            (one.key, yuan(one.amount), badge(one.state, MONEY), at(one.arrived_at), one.why)
            for one in obj.money.order_by("pk")
        ]
        headers = ("原票", "新票", "客户：手续费", "差价", "应补", "应退", "采购：差价", "计费说明")
        return [
            Table(str(_("与客户、与采购")), headers, items),
            Table(str(_("退款")), ("退款流水", "金额", "状态", "到账时间", "说明"), back),
            moves_of(obj, STATE),
        ]

    def doors(self, request: HttpRequest, obj: ChangeRequest) -> Sequence[Mapping[str, Any]]:
        waits = obj.state == ChangeState.TO_PAY and obj.difference_order_id is None
        if waits and self.may(request, REFUND, obj):
            return [door(_("取消改签"), "cancel", self.address("give_up", obj.pk))]
        return ()

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/<int:order_pk>/", self.new_view, "new"),
            self.own("<int:pk>/give-up/", self.give_up_view, "give_up"),
            *super().get_urls(),
        ]

    def give_up_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The customer changed his mind; the old tickets count again."""
        row: ChangeRequest = self.row(request, pk, REFUND)
        form = forms.Form(request.POST if request.method == "POST" else None)

        def do(_told: dict[str, Any]) -> str:
            give_up(pk)
            return str(_("已取消，原票恢复有效"))

        return self.act(
            request, _("取消改签 %(number)s") % {"number": row.number}, form, do, self.page_of(pk)
        )

    def new_view(self, request: HttpRequest, order_pk: int) -> HttpResponse:
        """Name the held trip, read what it costs, confirm. What the page showed is what is done."""
        user: Any = request.user
        try:
            order = get_row(user, TicketOrder.objects.select_related("unit"), pk=order_pk)
        except OutOfScope:
            raise Http404 from None
        if not policy_for(TicketOrder).may(user, REFUND, order):
            raise PermissionDenied
        tickets = list(
            order.tickets.filter(state=TicketState.ISSUED).select_related("passenger", "ticket_order")
        )
        free = policy_for(TicketOrder).may(user, CARRIERS_FAULT, order)
        data = request.POST.copy() if request.method == "POST" else None
        form = ChangeForm(
            data, tickets, CAUSES if free else CAUSES[:1],
            initial={
                "key": uuid4().hex, "cause": RefundCause.PASSENGER.value, "tickets": [str(one.pk) for one in tickets],
                "target": request.GET.get("target", "")[:24],
            },
        )  # fmt: skip
        offers: list[ChangeOffer] = []
        shown = ""
        if form.is_bound and form.is_valid():
            told = form.cleaned_data
            chosen = [one for one in tickets if str(one.pk) in told["tickets"]]
            shown = json.dumps([sorted(told["tickets"]), told["target"], told["cause"]])
            try:
                target = mine(told["target"], "", user)
                refuse_gone(target)
                offers = preview_change(chosen, target, told["cause"])
            except DomainError as refusal:
                form.add_error("target", refusal.in_words)
        looked = request.method != "POST" or "do" not in request.POST or request.POST.get("shown") != shown

        def do(told: dict[str, Any]) -> str:
            target = mine(told["target"], "", user)
            wanted = [Wanted(int(pk), told["tokens"].get(int(pk), "")) for pk in told["tickets"]]
            done = submit_change(user, told["key"], wanted, target.pk, cause=told["cause"])
            if isinstance(done, StaleChange):
                raise TicketError(Code.QUOTE_CHANGED, done.words)
            fresh = ChangeRequest.objects.get(pk=done.pk)
            return str(
                _("改签单 %(number)s：%(state)s，应补 %(pay)s，应退 %(back)s")
                % {"number": fresh.number, "state": fresh.get_state_display(), "pay": yuan(fresh.to_pay),
                   "back": yuan(fresh.back)}
            )  # fmt: skip

        response = self.act(
            request, _("改签 %(number)s") % {"number": order.number}, form, do,
            reverse("admin:o2o_ticketing_changerequest_changelist"),
            facts=((_("票务订单"), order.number), (_("内容"), order.title), (_("出发（开场）"), at(order.starts_at))),
            table=_offer_table(offers) if offers else None, only_look=looked,
            note=_("先试算，再确认；金额 5 分钟内有效。要补差价的，确认后到收款处按改签单号收款，收款前原票停用。"),
            buttons=(("look", "1", _("试算"), ""), *([("do", "1", _("确认改签"), "secondary")] if offers else [])),
        )  # fmt: skip
        if response.status_code != 302 and data is not None:
            tokens = {str(one.old.pk): one.quote.token for one in offers}
            data.update({"tokens": json.dumps(tokens), "shown": shown})
        return response


def _offer_table(offers: Sequence[ChangeOffer]) -> Table:
    rows = [
        (
            one.old.number, one.new.number, yuan(one.quote.fee), yuan(one.quote.to_pay), yuan(one.quote.back),
            "；".join(filter(None, (one.fee.text, one.insurance))) if one.quote.allowed
            else _("不能改签：%(why)s") % {"why": one.fee.text},
        )
        for one in offers
    ]  # fmt: skip
    return Table(str(_("每张票改签多少")), ("原票", "新票", "手续费", "应补", "应退", "说明"), rows)
