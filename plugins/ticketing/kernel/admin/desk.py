"""出票台: what waits for people, the most urgent first; taken by one at a time, ended by what he did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import at, badge, column, link_to, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import now

from ..access import DESK
from ..choices import CallKind, CallState, DeskState, OrderState
from ..legs import class_of
from ..models import DeskTask, SupplierAccount, SupplierCall, TicketOrder
from ..services.calls import OPEN
from ..services.change_by_phone import changed_by_phone, open_changes
from ..services.desk import (
    ISSUE_KINDS,
    conclude,
    give_up,
    hand_to,
    is_taken,
    issue_by_hand,
    put_back,
    take,
    try_again,
)
from ..services.health import may_hold
from ..services.refund_by_phone import open_calls, told_by_phone
from .refund_forms import ToldForm, said_by_phone

STATE = dict(DeskState.choices)
CALLS = dict(CallState.choices)


def _checked() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("已电话核实供应商没有出票"), required=False, widget=UnfoldBooleanSwitchWidget,
        help_text=_("供应商没有应答时必须核实，否则可能重复出票"),
    )  # fmt: skip


class NumbersForm(forms.Form):
    """The supplier's number of each ticket, and how they are fetched."""

    code = forms.CharField(
        label=_("取票号"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget
    )
    password = forms.CharField(
        label=_("取票密码"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget
    )
    note = forms.CharField(label=_("备注"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget)

    def __init__(self, data: Any, order: TicketOrder) -> None:
        super().__init__(data)
        fields: dict[str, forms.Field] = {}
        for one in order.tickets.select_related("passenger").order_by("pk"):
            fields[f"ticket_{one.pk}"] = forms.CharField(
                label=f"{one.number} {class_of(one)} {one.passenger or ''}", max_length=64,
                widget=UnfoldAdminTextInputWidget, help_text=_("供应商票号"),
            )  # fmt: skip
        self.fields = {**fields, **self.fields}

    def numbers(self) -> dict[int, str]:
        """By the tickets' keys."""
        return {
            int(name.removeprefix("ticket_")): told
            for name, told in self.cleaned_data.items()
            if name.startswith("ticket_")
        }

    def pick(self) -> dict[str, str]:
        """How they are fetched; nothing where nothing was typed."""
        told = {"number": self.cleaned_data["code"], "password": self.cleaned_data["password"]}
        return {name: text for name, text in told.items() if text}


class ChangeToldForm(NumbersForm):
    """What a supplier said by telephone of a change: the numbers of the new tickets, or that it was not made."""

    def __init__(self, data: Any, order: TicketOrder) -> None:
        super().__init__(data, order)
        for one in self.fields.values():
            one.required = False
        changed = forms.ChoiceField(
            label=_("供应商改签了没有"), choices=[("", _("请选择")), ("yes", _("已改签")), ("no", _("没有改签"))],
            widget=UnfoldAdminSelectWidget, help_text=_("没有改签的不用填票号"),
        )  # fmt: skip
        self.fields = {"changed": changed, **self.fields, "note": said_by_phone()}

    def clean(self) -> dict[str, Any]:
        """Tickets that were changed have numbers."""
        told = super().clean() or {}
        for name, number in list(told.items()):
            if told.get("changed") == "yes" and name.startswith("ticket_") and not number:
                self.add_error(name, _("请填写新票的票号"))
        return told

    def told(self) -> dict[int, str] | None:
        """The numbers by the new tickets' keys; None: nothing was changed."""
        return self.numbers() if self.cleaned_data["changed"] == "yes" else None


class SupplierChoiceForm(forms.Form):
    """Who else shall issue it."""

    supplier = forms.ModelChoiceField(
        label=_("供应商"), queryset=SupplierAccount.objects.none(), widget=UnfoldAdminSelectWidget
    )

    def __init__(self, data: Any, order: TicketOrder) -> None:
        super().__init__(data)
        codes = [one["supplier"] for one in order.candidates]
        moment_ = now()
        keys = [one.pk for one in SupplierAccount.objects.filter(code__in=codes) if may_hold(one, moment_)]
        self.fields["supplier"].queryset = SupplierAccount.objects.filter(pk__in=keys)  # type: ignore[attr-defined]
        self.fields["not_issued"] = _checked()


class GiveUpForm(forms.Form):
    """Why nobody issues it."""

    reason = forms.CharField(
        label=_("原因"), max_length=150, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("会记入审计，并作为退款原因"),
    )  # fmt: skip
    not_issued = _checked()


class AgainForm(forms.Form):
    """Once more, the usual way."""

    not_issued = _checked()


class ResultForm(forms.Form):
    """What came of it."""

    result = forms.CharField(
        label=_("处理结果"), max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


@admin.register(DeskTask)
class DeskTaskAdmin(ActingAdmin):
    """Tasks of the ticket orders in reach."""

    list_display = (
        "c_kind",
        "c_order",
        "c_title",
        "c_starts",
        "why",
        "c_state",
        "c_due",
        "c_taker",
        "c_unit",
        "c_made",
    )
    list_display_links = ("c_kind",)
    list_select_related = ("ticket_order__unit", "ticket_order__supplier", "taken_by")
    list_filter = (
        ("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter),
        ("made_at", titled(RangeDateFilter, "产生时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("ticket_order__number", "ticket_order__title")
    search_help_text = _("票务订单号或内容")
    ordering = (F("done_at").asc(nulls_first=True), "due_at", "pk")
    details = (
        (
            None,
            (
                "c_kind", "c_state", "c_order", "c_title", "c_starts", "c_people", "c_supplier", "why", "c_due",
                "c_taker", "c_until", "c_made", "c_done", "result",
            ),
        ),
    )  # fmt: skip

    c_kind = column("get_kind_display", "事项", lambda show: show(), order="kind")
    c_order = link_to("ticket_order", "票务订单", "o2o_ticketing_ticketorder")
    c_title = column("ticket_order__title", "内容", order=None)
    c_supplier = column("ticket_order__supplier__name", "供应商", order=None)
    c_unit = column("ticket_order__unit__name", "受理机构", order=None)
    c_starts = moment("ticket_order__starts_at", "出发（开场）")
    c_made = moment("made_at", "产生时间")
    c_done = moment("done_at", "完成时间")
    c_until = moment("taken_until", "锁定至")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: DeskTask) -> Any:
        if row.state == DeskState.TAKEN and not is_taken(row, now()):
            return badge(DeskState.WAITING, STATE)
        return badge(row.state, STATE)

    @admin.display(description=_("时限"), ordering="due_at")
    def c_due(self, row: DeskTask) -> Any:
        """Red once it is late."""
        late = row.state != DeskState.DONE and row.due_at < now()
        words = f"{at(row.due_at)} {_('已超时')}" if late else at(row.due_at)
        return format_html('<strong class="text-red-600">{}</strong>', words) if late else words

    @admin.display(description=_("处理人"))
    def c_taker(self, row: DeskTask) -> str:
        has = row.taken_by is not None and (row.state == DeskState.DONE or is_taken(row, now()))
        return row.taken_by.first_name if has and row.taken_by is not None else "—"

    @admin.display(description=_("乘客（观众）"))
    def c_people(self, row: DeskTask) -> str:
        return "、".join(str(one) for one in row.ticket_order.passengers.all()) or "—"

    def tables(self, request: HttpRequest, obj: DeskTask) -> Sequence[Table]:
        order = obj.ticket_order
        calls = [
            (
                one.number, one.supplier.name, one.get_kind_display(), badge(one.state, CALLS), at(one.sent_at),
                one.asked_again, one.words or "—",
            )
            for one in order.calls.select_related("supplier").order_by("pk")
        ]  # fmt: skip
        tickets = [
            (
                one.number,
                class_of(one),
                str(one.passenger or "—"),
                one.seat or "—",
                yuan(one.price),
                yuan(one.cost),
            )
            for one in order.tickets.select_related("passenger").order_by("pk")
        ]
        return [
            Table(str(_("票")), ("票号", "票类", "乘客（观众）", "座位", "售价", "结算价"), tickets),
            Table(
                str(_("供应商调用")),
                ("流水号", "供应商", "业务", "结果", "发出", "查询次数", "应答内容"),
                calls,
            ),
        ]

    def doors(self, request: HttpRequest, obj: DeskTask) -> Sequence[Mapping[str, Any]]:
        if obj.state == DeskState.DONE or not self.may(request, DESK, obj):
            return []
        has = is_taken(obj, now())
        if has and obj.taken_by_id != request.user.pk:
            return []
        found = [] if has else [door(_("领取"), "front_hand", self.address("take", obj.pk))]
        open_ = obj.ticket_order.state in (OrderState.PAID, OrderState.ISSUING)
        if obj.kind in ISSUE_KINDS and open_:
            found += [
                door(_("录入票号"), "edit_note", self.address("numbers", obj.pk)),
                door(_("转供应商"), "swap_horiz", self.address("hand", obj.pk)),
                door(_("重新出票"), "refresh", self.address("again", obj.pk)),
                door(_("放弃并退款"), "money_off", self.address("give_up", obj.pk)),
            ]
        else:
            found += [
                door(
                    _("登记退票 %(number)s 的答复") % {"number": call.refund.number if call.refund else ""},
                    "phone_in_talk", reverse(f"admin:{self._page('refund_told')}", args=[obj.pk, call.pk]),
                )
                for call in open_calls(obj)
            ]  # fmt: skip
            found += [
                door(
                    _("登记改签 %(number)s 的答复") % {"number": call.ticket_order.change_of.number},
                    "phone_in_talk", reverse(f"admin:{self._page('change_told')}", args=[obj.pk, call.pk]),
                )
                for call in open_changes(obj)
            ]  # fmt: skip
            found.append(door(_("办结"), "check", self.address("conclude", obj.pk)))
        if has:
            found.append(door(_("放回"), "undo", self.address("put_back", obj.pk), rare=True))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/take/", self.take_view, "take"),
            self.own("<int:pk>/put-back/", self.put_back_view, "put_back"),
            self.own("<int:pk>/numbers/", self.numbers_view, "numbers"),
            self.own("<int:pk>/hand/", self.hand_view, "hand"),
            self.own("<int:pk>/again/", self.again_view, "again"),
            self.own("<int:pk>/give-up/", self.give_up_view, "give_up"),
            self.own("<int:pk>/refund/<int:call>/", self.refund_told_view, "refund_told"),
            self.own("<int:pk>/change/<int:call>/", self.change_told_view, "change_told"),
            self.own("<int:pk>/conclude/", self.conclude_view, "conclude"),
            *super().get_urls(),
        ]

    def _act(
        self, request: HttpRequest, pk: int, title: Any, form: forms.Form, do: Any, note: Any = "",
        *, asked: SupplierCall | None = None, more: Sequence[tuple[Any, Any]] = (),
    ) -> HttpResponse:  # fmt: skip
        """`asked`: the call that waits for its supplier, else that of the issue; `more`: what else is to be seen."""
        row: DeskTask = self.row(request, pk, DESK)
        order = row.ticket_order
        if asked is None:
            issues = order.calls.filter(kind=CallKind.ISSUE, state__in=OPEN)
            asked = issues.select_related("supplier").first()
        facts = [
            (_("内容"), order.title), (_("出发（开场）"), at(order.starts_at)), (_("售价合计"), yuan(order.total)),
            (_("状态"), order.get_state_display()), *more,
        ]  # fmt: skip
        if asked is not None:
            facts.append((_("等待应答"), f"{asked.supplier.name} {asked.number}"))
        if order.their_number:
            facts.append((_("供应商单号"), order.their_number))
        return self.act(
            request, f"{title} {order.number}", form, do, self.page_of(pk), facts=facts, note=note
        )

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mine for a while."""

        def do(_told: dict[str, Any]) -> str:
            until = take(request.user, pk).taken_until
            return str(_("已领取，%(until)s 前由您处理") % {"until": at(until)})

        return self._act(request, pk, _("领取"), self._plain(request), do)

    def put_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Somebody else's."""

        def do(_told: dict[str, Any]) -> str:
            put_back(request.user, pk)
            return str(_("已放回出票台"))

        return self._act(request, pk, _("放回"), self._plain(request), do)

    def numbers_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Tickets that were got otherwise."""
        row: DeskTask = self.row(request, pk, DESK)
        form = NumbersForm(request.POST if request.method == "POST" else None, row.ticket_order)

        def do(told: dict[str, Any]) -> str:
            issue_by_hand(request.user, pk, form.numbers(), pick=form.pick(), note=told["note"])
            return str(_("已出票，买家可以看到票号"))

        return self._act(request, pk, _("录入票号"), form, do, _("请先在供应商处实际出票，再按票面录入。"))

    def hand_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another supplier, at its price."""
        row: DeskTask = self.row(request, pk, DESK)
        form = SupplierChoiceForm(request.POST if request.method == "POST" else None, row.ticket_order)

        def do(told: dict[str, Any]) -> str:
            hand_to(request.user, pk, told["supplier"], not_issued=told["not_issued"])
            return str(_("已转 %(name)s，正在占座出票") % {"name": told["supplier"].name})

        note = _("比原结算价高的部分由平台承担，不再向客户收取。")
        return self._act(request, pk, _("转供应商"), form, do, note)

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Once more."""
        form = AgainForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            try_again(request.user, pk, not_issued=told["not_issued"])
            return str(_("已重新提交出票"))

        return self._act(request, pk, _("重新出票"), form, do)

    def give_up_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All of the money goes back."""
        form = GiveUpForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            give_up(request.user, pk, told["reason"], not_issued=told["not_issued"])
            return str(_("已放弃出票，全部票款原路退回"))

        return self._act(request, pk, _("放弃并退款"), form, do, _("全额退款，不收手续费，并短信通知买家。"))

    def refund_told_view(self, request: HttpRequest, pk: int, call: int) -> HttpResponse:
        """What a silent supplier said of a refund by telephone."""
        row: DeskTask = self.row(request, pk, DESK)
        found = next((one for one in open_calls(row) if one.pk == call), None)
        if found is None or found.refund is None:
            messages.warning(request, str(_("供应商已有答复，不必再登记")))
            return HttpResponseRedirect(self.page_of(pk))
        items = list(found.refund.items.select_related("ticket__passenger").order_by("pk"))
        form = ToldForm(request.POST if request.method == "POST" else None, items)

        def do(told: dict[str, Any]) -> str:
            refund = told_by_phone(request.user, pk, call, form.amounts(), told["note"])
            return str(
                _("已登记，退票 %(number)s：%(state)s")
                % {"number": refund.number, "state": refund.get_state_display()}
            )

        note = _(
            "系统一直没有得到供应商的答复。请先电话核实：已退的即给客户退款，金额与应退不同的转退票审核；没有退的恢复原票。"
        )
        more = ((_("退票单"), found.refund.number),)
        return self._act(request, pk, _("登记供应商退票答复"), form, do, note, asked=found, more=more)

    def change_told_view(self, request: HttpRequest, pk: int, call: int) -> HttpResponse:
        """What a silent supplier said of a change by telephone."""
        row: DeskTask = self.row(request, pk, DESK)
        found = next((one for one in open_changes(row) if one.pk == call), None)
        if found is None:
            messages.warning(request, str(_("供应商已有答复，不必再登记")))
            return HttpResponseRedirect(self.page_of(pk))
        form = ChangeToldForm(request.POST if request.method == "POST" else None, found.ticket_order)

        def do(told: dict[str, Any]) -> str:
            change = changed_by_phone(request.user, pk, call, form.told(), told["note"], pick=form.pick())
            return str(
                _("已登记，改签 %(number)s：%(state)s")
                % {"number": change.number, "state": change.get_state_display()}
            )

        note = _(
            "系统一直没有得到供应商的答复。请先电话核实：已改签的按新票录入票号，新票生效、应退差价即退；没有改签的恢复原票，已付差价退回。"
        )
        target = found.ticket_order
        more = ((_("改签单"), target.change_of.number), (_("改签到"), target.title))
        return self._act(request, pk, _("登记供应商改签答复"), form, do, note, asked=found, more=more)

    def conclude_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """It was looked at."""
        form = ResultForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            conclude(request.user, pk, told["result"])
            return str(_("已办结"))

        return self._act(request, pk, _("办结"), form, do)

    def _plain(self, request: HttpRequest) -> forms.Form:
        return forms.Form(request.POST if request.method == "POST" else None)
