"""退票单: a clerk picks tickets and confirms; both sides' money; audit by somebody else; money that is stuck."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.columns import at, badge, column, moment, money
from saleor_o2o.backoffice.doors import add_doors, door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_name
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for

from ..access import CARRIERS_FAULT, EXPORT, REFUND, REFUND_AUDIT
from ..choices import GivenCause, ItemAnswer, MoneyState, PricePart, RefundCause, RefundState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..legs import class_of
from ..models import MoneyBack, RefundItem, RefundReply, RefundRequest, Ticket, TicketOrder
from ..services.giving_back import pay_out, try_again
from ..services.gone_in import gone_in
from ..services.refund_outcomes import NEVER_AGAIN, decide, not_asked
from ..services.refunding import LIVE, Offer, Stale, Wanted, left_of, preview_refund, submit_refund
from ..services.replies import notice_before
from ..services.withdrawing import may_withdraw, withdraw
from .refund_forms import AuditForm, PayOutForm, RefundForm
from .refund_report import report

STATE = dict(RefundState.choices)
MONEY = dict(MoneyState.choices)
#: The passenger's first; the others take a right of their own.
CAUSES = GivenCause.choices


def _order_doors(request: HttpRequest, order: TicketOrder) -> Sequence[Mapping[str, Any]]:
    """退票 on the page of a ticket order, for whoever may, while something can go back."""
    if not policy_for(TicketOrder).may(request.user, REFUND, order):
        return ()
    if not order.tickets.filter(state__in=LIVE).exists():
        return ()
    return [
        door(_("退票"), "undo", reverse("admin:o2o_ticketing_refundrequest_new", args=[order.pk])),
    ]


add_doors(TicketOrder, _order_doors)


def both_sides(row: RefundRequest) -> Table:
    """与客户 and 与采购, ticket by ticket, with the sums below."""
    items = list(row.items.select_related("ticket").order_by("pk"))
    # what the face value is made of, where it is more than the fare
    shown = [one.value for one in PricePart if any(getattr(item, one.value) for item in items)]
    rows = [
        (
            one.ticket.number, one.quantity, yuan(one.face), *(yuan(getattr(one, part)) for part in shown),
            yuan(one.discount), yuan(one.service), yuan(one.fee),
            yuan(one.due), _known(one.back), yuan(one.supplier_due), _known(one.supplier_back), _answer(one), one.words,
        )
        for one in items
    ]  # fmt: skip
    total = (
        str(_("合计")), sum(one.quantity for one in items), yuan(sum(one.face for one in items)),
        *(yuan(sum(getattr(one, part) for one in items)) for part in shown),
        yuan(sum(one.discount for one in items)), yuan(sum(one.service for one in items)),
        yuan(sum(one.fee for one in items)), yuan(row.due), "", yuan(row.supplier_due), _known(row.supplier_back),
        "", "",
    )  # fmt: skip
    named = [str(_("其中%(part)s") % {"part": PricePart(part).label}) for part in shown]
    headers = (
        "票号", "人次", "客户：票面", *named, "优惠", "服务费", "手续费", "应退", "实退", "采购：应退", "实退",
        "答复", "计费说明",
    )  # fmt: skip
    return Table(str(_("与客户、与采购")), headers, [*rows, total])


def _answer(item: RefundItem) -> str:
    """What the supplier said of a ticket, and that it counts again."""
    told = [
        item.get_answer_display() if item.answer else "—",
        item.said,
        str(_("票恢复有效")) if item.kept else "",
        str(_("供应商称已检票")) if gone_in(item) else "",
    ]
    return "，".join(one for one in told if one)


def _whole(show: Any) -> SafeString:
    return format_html('<span class="o2o-whole">{}</span>', show())


def _known(amount: Any) -> str:
    return "—" if amount is None else yuan(amount)


@admin.register(RefundRequest)
class RefundAdmin(ActingAdmin):
    """Refunds of the orders in reach."""

    list_display = (
        "number", "c_trip", "c_cause", "c_unit", "c_due", "c_supplier_side", "c_state", "c_asked",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("ticket_order__supplier", "unit", "asked_by", "decided_by", "batch")
    list_filter = (
        ("state", ChoicesDropdownFilter), ("cause", ChoicesDropdownFilter),
        ("asked_at", titled(RangeDateFilter, "申请时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("number", "ticket_order__number", "supplier_document", "items__ticket__number")
    search_help_text = _("退票单号、票务订单号、票号、供应商退票单号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_state", "c_order", "c_title", "c_cause", "reason", "c_unit", "c_by", "c_decided", "c_due",
                "c_supplier", "c_supplier_due", "c_supplier_back", "supplier_document", "supplier_policy", "why",
                "c_asked", "c_done",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "退票单", EXPORT,
        (
            Cell("退票单号", "number"), Cell("票务订单号", "ticket_order__number"), Cell("内容", "ticket_order__title"),
            Cell("原因方", lambda row: row.get_cause_display()), Cell("机构", "unit__name"), Cell("应退客户", "due"),
            Cell("供应商", "ticket_order__supplier__name"), Cell("供应商应退", "supplier_due"),
            Cell("供应商实退", "supplier_back"), Cell("供应商单号", "supplier_document"),
            Cell("状态", lambda row: row.get_state_display()), Cell("申请时间", "asked_at"),
        ),
        related=("ticket_order__supplier", "unit"),
    )  # fmt: skip

    c_order = column("ticket_order__number", "票务订单号", order=None)
    c_title = column("ticket_order__title", "内容", order=None)
    c_supplier = column("ticket_order__supplier__name", "供应商", order=None)
    c_cause = column("get_cause_display", "原因方", _whole, order="cause")
    c_unit = column("unit__name", "受理机构", order="unit__path")
    c_due = money("due", "应退客户")
    c_supplier_due = money("supplier_due", "供应商应退")
    c_supplier_back = column("supplier_back", "供应商实退", yuan)
    c_asked = moment("asked_at", "申请时间")
    c_done = moment("done_at", "完成时间")

    @admin.display(description=_("票务订单"), ordering="ticket_order__title")
    def c_trip(self, row: RefundRequest) -> Any:
        order = row.ticket_order
        return format_html('{}<br><span class="o2o-quiet">{}</span>', order.title, order.number)

    @admin.display(description=_("供应商应退／实退"), ordering="supplier_due")
    def c_supplier_side(self, row: RefundRequest) -> Any:
        told = (yuan(row.supplier_due), _known(row.supplier_back))
        return format_html('<span class="o2o-whole">{} ／ {}</span>', *told)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: RefundRequest) -> Any:
        return badge(row.state, STATE)

    @admin.display(description=_("申请人"))
    def c_by(self, row: RefundRequest) -> str:
        if row.asked_by is None:
            return str(_("系统"))
        return row.asked_by.first_name if row.asked_by.is_staff else str(_("客户本人"))

    @admin.display(description=_("审核人"))
    def c_decided(self, row: RefundRequest) -> str:
        return row.decided_by.first_name if row.decided_by is not None else "—"

    def tables(self, request: HttpRequest, obj: RefundRequest) -> Sequence[Table]:
        back = [
            (one.key, yuan(one.amount), badge(one.state, MONEY), at(one.arrived_at), one.why)
            for one in obj.money.order_by("pk")
        ]
        calls = [
            (one.number, one.get_state_display(), at(one.sent_at), at(one.answered_at), one.asked_again, one.words)
            for one in obj.calls.order_by("pk")
        ]  # fmt: skip
        reply = RefundReply.objects.select_related("unit", "answered_by").filter(refund=obj).first()
        asked = [] if reply is None else [
            Table(
                str(_("商家答复")), ("答复机构", "答复", "说明", "提请", "截止", "答复时间", "答复人"),
                [(reply.unit.name, reply.get_state_display(), reply.said, at(reply.asked_at), at(reply.due_at),
                  at(reply.answered_at), reply.answered_by.first_name if reply.answered_by is not None else "—")],
            )
        ]  # fmt: skip
        return [
            both_sides(obj),
            *asked,
            Table(str(_("退款")), ("退款流水", "金额", "状态", "到账时间", "说明"), back),
            Table(str(_("供应商调用")), ("流水号", "结果", "发出", "应答", "查询次数", "应答内容"), calls),
            moves_of(obj, STATE),
        ]

    def doors(self, request: HttpRequest, obj: RefundRequest) -> Sequence[Mapping[str, Any]]:
        found = []
        if obj.state == RefundState.AUDIT and self.may(request, REFUND_AUDIT, obj):
            found.append(door(_("审核"), "fact_check", self.address("audit", obj.pk)))
        if may_withdraw(obj) and self.may(request, REFUND, obj):
            found.append(door(_("代客撤回"), "undo", self.address("withdraw", obj.pk)))
        for one in obj.money.filter(state__in=(MoneyState.FAILED, MoneyState.COUNTER)):
            if self.may(request, REFUND, obj):
                name = "again" if one.state == MoneyState.FAILED else "pay_out"
                words = _("重新退款") if one.state == MoneyState.FAILED else _("柜台退款")
                address = reverse(f"admin:o2o_ticketing_moneyback_{name}", args=[one.pk])
                found.append(door(words, "payments", address))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/<int:order_pk>/", self.new_view, "new"),
            self.own("report/", self.report_view, "report"),
            self.own("<int:pk>/audit/", self.audit_view, "audit"),
            self.own("<int:pk>/withdraw/", self.withdraw_view, "withdraw"),
            *super().get_urls(),
        ]

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """Refunds by trade, line, supplier, unit and clerk."""
        return report(self, request)

    # -- a clerk refunds -------------------------------------------------------------------

    def new_view(self, request: HttpRequest, order_pk: int) -> HttpResponse:
        """Pick tickets, read the fee, confirm. What the page showed is what is done."""
        user: Any = request.user
        try:
            order = get_row(user, TicketOrder.objects.select_related("unit"), pk=order_pk)
        except OutOfScope:
            raise Http404 from None
        if not policy_for(TicketOrder).may(user, REFUND, order):
            raise PermissionDenied
        tickets = [
            one for one in order.tickets.filter(state__in=LIVE).select_related("ticket_order", "passenger")
            if left_of(one)
        ]  # fmt: skip
        free = policy_for(TicketOrder).may(user, CARRIERS_FAULT, order)
        data = request.POST.copy() if request.method == "POST" else None
        form = RefundForm(
            data, tickets, CAUSES if free else CAUSES[:1],
            initial={
                "key": uuid4().hex, "cause": RefundCause.PASSENGER.value,
                "tickets": [str(one.pk) for one in tickets] if len(tickets) == 1 else [],
            },
        )  # fmt: skip
        look = request.method == "POST" and "do" not in request.POST
        people = form.people() if form.is_bound and form.is_valid() else {}
        asked = data.get("cause") if data is not None else None
        cause = asked if asked in dict(CAUSES) and (free or asked == RefundCause.PASSENGER) else None
        made: list[int] = []

        def do(told: dict[str, Any]) -> str:
            if told["shown_cause"] != told["cause"]:
                raise TicketError(Code.QUOTE_CHANGED, _("原因方改了，请核对新的金额后再确认"))
            wanted = [
                Wanted(int(pk), told["tokens"].get(int(pk), ""), people.get(int(pk)))
                for pk in told["tickets"]
            ]
            done = submit_refund(user, told["key"], wanted, cause=told["cause"], reason=told["reason"])
            if isinstance(done, Stale):
                raise TicketError(Code.QUOTE_CHANGED, done.words)
            fresh = RefundRequest.objects.get(pk=done.pk)
            made.append(fresh.pk)
            return str(
                _("退票单 %(number)s：%(state)s，应退客户 %(due)s")
                % {"number": fresh.number, "state": fresh.get_state_display(), "due": yuan(fresh.due)}
            )

        back = reverse("admin:o2o_ticketing_refundrequest_changelist")
        offers, refusals = self._offers(tickets, people, cause or RefundCause.PASSENGER)
        # then to the refund itself: money that was taken in cash is given back there
        response = self._shown(
            request, order, form, do, back, offers, refusals, look=look, after=lambda: self.page_of(made[0])
        )
        if isinstance(response, HttpResponse) and response.status_code == 302:
            return response
        # what is shown now is what the next click confirms
        shown = {str(one.ticket.pk): one.quote.token for one in offers}
        values = {"tokens": json.dumps(shown), "shown_cause": cause or RefundCause.PASSENGER.value}
        if data is not None:
            data.update(values)
        else:
            form.initial.update(values)
        return response

    def _shown(
        self, request: HttpRequest, order: TicketOrder, form: RefundForm, do: Any, back: str,
        offers: Sequence[Offer], refusals: Mapping[int, str], *, look: bool, after: Callable[[], str],
    ) -> HttpResponse:  # fmt: skip
        facts: tuple[tuple[Any, Any], ...] = (
            (_("票务订单"), order.number),
            (_("内容"), order.title),
            (_("出发（开场）"), at(order.starts_at)),
        )
        if notice := notice_before(order, RefundCause.PASSENGER):
            facts = (*facts, (_("商家答复"), notice))
        return self.act(
            request, _("退票 %(number)s") % {"number": order.number}, form, do, back, facts=facts,
            table=_offer_table(offers, refusals, order), only_look=look, after=after,
            note=_("金额 5 分钟内有效；确认后票立即停用，供应商确认后原路退款。"),
            buttons=(("do", "1", _("确认退票"), ""), ("look", "1", _("重新试算"), "secondary")),
        )  # fmt: skip

    @staticmethod
    def _offers(
        tickets: Sequence[Ticket], people: Mapping[int, int], cause: str
    ) -> tuple[list[Offer], dict[int, str]]:
        """A quote for each ticket, or why there is none; a child's ticket is looked at with its adult's."""
        offers, refusals = [], {}
        for one in tickets:
            group = [one, *(child for child in tickets if child.carried_by_id == one.pk)]
            try:
                offers.append(preview_refund(group, people, cause)[0])
            except DomainError as refusal:
                refusals[one.pk] = refusal.in_words
        return offers, refusals

    # -- audit ------------------------------------------------------------------------------

    def audit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Both sides, and what is decided."""
        row: RefundRequest = self.row(request, pk, REFUND_AUDIT)
        if row.state != RefundState.AUDIT:
            told = _("这笔退票不在待审核：%(state)s") % {"state": row.get_state_display()}
            messages.warning(request, str(told))
            return HttpResponseRedirect(self.page_of(pk))
        items = list(row.items.select_related("ticket").order_by("pk"))
        never = row.cause in NEVER_AGAIN
        form = AuditForm(
            request.POST if request.method == "POST" else None, items, never_again=never,
            may_refuse=not never and all(one.answer != ItemAnswer.TAKEN for one in items),
            not_asked=not_asked(row),
        )  # fmt: skip

        def do(told: dict[str, Any]) -> str:
            pays = told["decision"] == "pay"
            done = decide(request.user, pk, pay=pays, note=told["note"], dues=form.dues() if pays else None,
                          keep=form.kept() if pays else ())  # fmt: skip
            # whoever pays and says of every ticket that it was not taken, pays nothing
            if done.state == RefundState.REFUSED:
                return str(_("已决定不退，票恢复有效"))
            if done.state in {RefundState.ASKED, RefundState.AT_SUPPLIER}:
                return str(_("已决定退款，正在向供应商退票"))
            return str(_("已决定退款，正在原路退回"))

        facts = (
            (_("原因方"), row.get_cause_display()), (_("为什么要审核"), row.why), (_("应退客户"), yuan(row.due)),
            (_("供应商应退"), yuan(row.supplier_due)), (_("供应商实退"), _known(row.supplier_back)),
        )  # fmt: skip
        return self.act(
            request, _("审核退票 %(number)s") % {"number": row.number}, form, do, self.page_of(pk), facts=facts,
            table=both_sides(row), note=_("须由申请人以外的人员审核；退给客户的不超过票款。"),
        )  # fmt: skip

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For a caller who keeps his tickets: while nobody has taken them back."""
        from saleor_o2o.backoffice.admin.reasons import ReasonForm

        row: RefundRequest = self.row(request, pk, REFUND)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            withdraw(request.user, row.number, reason=told["reason"])
            return str(_("已撤回，票恢复有效"))

        facts = (
            (_("内容"), row.ticket_order.title), (_("状态"), row.get_state_display()),
            (_("应退客户"), yuan(row.due)),
        )  # fmt: skip
        return self.act(
            request, _("撤回退票 %(number)s") % {"number": row.number}, form, do, self.page_of(pk), facts=facts,
            note=_("撤回后票恢复有效，不再退款；再退须重新申请，手续费按当时的规则。会通知客户。"),
        )  # fmt: skip


def _offer_table(offers: Sequence[Offer], refusals: Mapping[int, str], order: TicketOrder) -> Table:
    rows: list[tuple[Any, ...]] = [
        (
            one.ticket.number, class_of(one.ticket), _who(one.ticket), one.quantity,
            yuan(one.quote.fee) if one.quote.allowed else "—", yuan(one.quote.back) if one.quote.allowed else "—",
            one.fee.text if one.quote.allowed else _("不能退：%(why)s") % {"why": one.fee.text},
        )
        for one in offers
    ]  # fmt: skip
    for one in order.tickets.filter(pk__in=refusals).select_related("passenger"):
        rows.append((one.number, class_of(one), _who(one), "—", "—", "—", refusals[one.pk]))
    headers = ("票号", "票类", "乘客（观众）", "人次", "手续费", "应退", "说明")
    return Table(str(_("每张票退多少")), headers, rows)


def _who(ticket: Ticket) -> str:
    return mask_name(ticket.passenger.name) if ticket.passenger is not None else "—"


@admin.register(MoneyBack)
class MoneyBackAdmin(ActingAdmin):
    """Money on its way back for tickets, changes and insurances in reach."""

    list_display = ("key", "c_for", "c_unit", "c_amount", "c_state", "why", "c_made", "c_arrived")
    list_display_links = ("key",)
    list_select_related = ("refund", "change", "insurance", "unit")
    list_filter = (("state", ChoicesDropdownFilter), ("made_at", titled(RangeDateFilter, "产生时间")))
    list_filter_submit = True
    search_fields = ("key", "refund__number", "change__number")
    search_help_text = _("退款流水、退票单号、改签单号")
    ordering = ("-pk",)
    details = (
        (None, ("key", "c_for", "c_state", "c_amount", "reason", "c_unit", "why", "c_made", "c_asked", "c_arrived")),
    )  # fmt: skip

    c_unit = column("unit__name", "受理机构", order="unit__path")
    c_amount = money("amount", "金额")
    c_made = moment("made_at", "产生时间")
    c_asked = moment("asked_at", "提交时间")
    c_arrived = moment("arrived_at", "到账时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: MoneyBack) -> Any:
        return badge(row.state, MONEY)

    @admin.display(description=_("为了"))
    def c_for(self, row: MoneyBack) -> str:
        return str(row.refund or row.change or row.insurance)

    def doors(self, request: HttpRequest, obj: MoneyBack) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, REFUND, obj):
            return ()
        if obj.state == MoneyState.FAILED:
            return [door(_("重新退款"), "refresh", self.address("again", obj.pk))]
        if obj.state == MoneyState.COUNTER:
            return [door(_("柜台退款"), "payments", self.address("pay_out", obj.pk))]
        return ()

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/again/", self.again_view, "again"),
            self.own("<int:pk>/pay-out/", self.pay_out_view, "pay_out"),
            *super().get_urls(),
        ]

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another try, under another key."""
        from saleor_o2o.backoffice.admin.reasons import ReasonForm

        row: MoneyBack = self.row(request, pk, REFUND)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(_told: dict[str, Any]) -> str:
            fresh = try_again(request.user, pk)
            return str(_("已重新退款，流水 %(key)s") % {"key": fresh.key})

        facts = ((_("金额"), yuan(row.amount)), (_("上次失败"), row.why))
        return self.act(
            request, _("重新退款 %(key)s") % {"key": row.key}, form, do, self.page_of(pk), facts=facts
        )

    def pay_out_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cash or card over the counter; or how else it was given back."""
        row: MoneyBack = self.row(request, pk, REFUND)
        form = PayOutForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            pay_out(request.user, pk, slip=told["slip"], note=told["note"])
            return str(_("已退给客户 %(amount)s") % {"amount": yuan(row.amount)})

        return self.act(
            request, _("柜台退款 %(key)s") % {"key": row.key}, form, do, self.page_of(pk),
            facts=((_("金额"), yuan(row.amount)),), note=_("把钱交给客户后再确认；确认以后不能再改。"),
        )  # fmt: skip
