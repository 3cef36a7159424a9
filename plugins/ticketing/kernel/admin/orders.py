"""票务订单: what was held, bought and issued, for whom (masked), at which supplier, what was asked of it, the money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import choice, titled
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import at, badge, column, link, moment, money, order_link
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.masking import mask_name, mask_phone
from saleor_o2o.kernel.numbering import InvalidNumber, parse_number

from ..access import EXPORT, REFUND, SELL
from ..choices import CallState, ChangeState, DeskState, OrderState, RefundState, TicketState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..legs import Leg, segments, with_segments
from ..models import ChangeRequest, FeeLine, RefundRequest, SupplierCall, TicketOrder
from ..numbers import TICKET
from ..outcomes import Outcome, outcome_of, with_outcome
from ..parts import text_of
from ..services.drafting import index_if_mobile
from ..services.holding import close
from ..services.texting import may_text, send_text_again
from ..trades import trade_of

STATE = dict(OrderState.choices)
OUTCOMES = dict(Outcome.choices)
TICKETS = dict(TicketState.choices)
CALLS = dict(CallState.choices)
TASKS = dict(DeskState.choices)
REFUNDS, CHANGES = dict(RefundState.choices), dict(ChangeState.choices)


#: What became of whole orders, for the filter.
OutcomeFilter = choice("outcome", "全单结果", {str(one.value): str(one.label) for one in Outcome if one})


def _legs_table(legs: Sequence[Leg]) -> Table:
    return Table(
        str(_("各程")), ("行程", "车次（航班）", "出发地", "到达地", "出发", "到达", "情况"),
        [
            (
                one.title, one.number or "—", one.origin or "—", one.goal or "—", at(one.starts_at), at(one.ends_at),
                str(_("已取消")) if one.no_trip else "—",
            )
            for one in legs
        ],
    )  # fmt: skip


@admin.register(TicketOrder)
class TicketOrderAdmin(ActingAdmin):
    """Ticket orders of the units in reach."""

    list_display = (
        "number", "c_trade", "title", "c_starts", "c_total", "c_state", "c_supplier", "c_unit", "c_until", "c_made",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("supplier", "unit", "order__o2o_profile", "made_by")
    list_filter = (
        ("state", ChoicesDropdownFilter), OutcomeFilter, ("trade", ChoicesDropdownFilter), "supplier",
        ("starts_at", titled(RangeDateFilter, "出发（开场）")), ("made_at", titled(RangeDateFilter, "下单时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("number",)
    search_help_text = _("票务订单号、票号、供应商单号、完整的联系手机")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_state", "c_trade", "title", "c_starts", "c_ends", "c_order", "c_unit", "c_by", "c_contact",
                "c_mobile", "c_face", "c_service", "c_total", "c_supplier", "their_number", "c_until",
                "c_supplier_until", "why", "c_made", "c_paid", "c_issued", "c_closed",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "票务订单", EXPORT,
        (
            Cell("票务订单号", "number"), Cell("票种", lambda row: row.get_trade_display()), Cell("内容", "title"),
            Cell("出发（开场）", "starts_at"), Cell("状态", lambda row: row.get_state_display()),
            Cell("全单结果", lambda row: str(outcome_of(row).label) if outcome_of(row) else ""),
            Cell("机构", "unit__name"), Cell("供应商", "supplier__name"), Cell("供应商单号", "their_number"),
            Cell("票面", "face"), Cell("服务费", "service"), Cell("应付", "total"), Cell("下单时间", "made_at"),
            Cell("支付时间", "paid_at"), Cell("出票时间", "issued_at"),
        ),
        related=("supplier", "unit"),
    )  # fmt: skip

    c_trade = column("get_trade_display", "票种", lambda show: show(), order="trade")
    c_supplier = column("supplier__name", "供应商")
    c_unit = column("unit__name", "受理机构", order="unit__path")
    c_face = money("face", "票面合计")
    c_service = money("service", "服务费合计")
    c_total = money("total", "应付合计")
    c_starts = moment("starts_at", "出发（开场）")
    c_ends = moment("ends_at", "到达（结束）")
    c_until = moment("held_until", "支付截止")
    c_supplier_until = moment("supplier_until", "供应商占座至")
    c_made = moment("made_at", "下单时间")
    c_paid = moment("paid_at", "支付时间")
    c_issued = moment("issued_at", "出票时间")
    c_closed = moment("closed_at", "关闭时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: TicketOrder) -> Any:
        found = outcome_of(row)
        return badge(found.value, OUTCOMES) if found else badge(row.state, STATE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TicketOrder]:
        return with_outcome(super().get_queryset(request))

    @admin.display(description=_("订单"))
    def c_order(self, row: TicketOrder) -> Any:
        return order_link(row.order) if row.order is not None else "—"

    @admin.display(description=_("营业员"))
    def c_by(self, row: TicketOrder) -> str:
        return row.made_by.first_name if row.made_by is not None else str(_("客户本人"))

    @admin.display(description=_("联系人"))
    def c_contact(self, row: TicketOrder) -> str:
        return mask_name(row.contact) or "—"

    @admin.display(description=_("联系手机"))
    def c_mobile(self, row: TicketOrder) -> str:
        return mask_phone(row.mobile) or "—"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whole numbers only: nobody leafs through people's telephone numbers."""
        text = search_term.strip()
        if not text:
            return queryset, False
        found = queryset.filter(number=text.upper()) | queryset.filter(their_number=text)
        try:
            found |= queryset.filter(tickets__number=parse_number(TICKET, text))
        except InvalidNumber:
            mobile = index_if_mobile(text)
            if mobile:
                found |= queryset.filter(mobile_index=mobile)
        return found.distinct(), False

    def tables(self, request: HttpRequest, obj: TicketOrder) -> Sequence[Table]:
        legs = segments(obj)
        several = len(legs) > 1
        tickets = [
            (
                one.number, *((one.segment.title if one.segment else "—",) if several else ()),
                one.fare_name, str(one.passenger) if one.passenger else "—", one.seat or "—",
                yuan(one.face), text_of(one), yuan(one.service), yuan(one.price), yuan(one.cost),
                badge(one.state, TICKETS),
                one.their_number or "—", f"{one.used}/{one.uses - one.back}", at(one.collected_at),
            )
            for one in with_segments(list(obj.tickets.select_related("passenger").order_by("pk")))
        ]  # fmt: skip
        return [
            *([_legs_table(legs)] if several else []),
            Table(
                str(_("行程（场次）")),
                ("项目", "内容"),
                [(label, text) for label, text in self._described(obj)],
            ),
            Table(
                str(_("票")),
                (
                    "票号",
                    *(("行程",) if several else ()),
                    "票类",
                    "乘客（观众）",
                    "座位",
                    "票面",
                    "票面组成",
                    "服务费",
                    "售价",
                    "结算价",
                    "状态",
                    "供应商票号",
                    "已用",
                    "取纸质票",
                ),
                tickets,
            ),
            *self._after(obj),
            Table(str(_("票款")), ("票号", "与谁", "项目", "金额", "凭证", "时间"), self._money(obj)),
            Table(
                str(_("供应商调用")),
                ("流水号", "供应商", "业务", "结果", "发出", "应答", "查询次数", "应答内容"),
                self._calls(obj),
            ),
            Table(str(_("出票台")), ("事项", "原因", "状态", "处理人", "时限", "结果"), self._tasks(obj)),
            moves_of(obj, STATE),
        ]

    def _after(self, obj: TicketOrder) -> list[Table]:
        """Refunds and changes of the order, and the change that it was made for, the first one first."""
        refunds = RefundRequest.objects.filter(ticket_order=obj)
        changes = ChangeRequest.objects.filter(Q(ticket_order=obj) | Q(target=obj))
        rows = [
            (
                one.asked_at, link("o2o_ticketing_refundrequest", one.pk, one.number), str(_("退票")),
                badge(one.state, REFUNDS), "—", yuan(one.due),
            )
            for one in refunds
        ] + [
            (
                one.asked_at, link("o2o_ticketing_changerequest", one.pk, one.number),
                str(_("改签") if one.ticket_order_id == obj.pk else _("由改签而来")), badge(one.state, CHANGES),
                yuan(one.to_pay), yuan(one.back),
            )
            for one in changes
        ]  # fmt: skip
        if not rows:
            return []
        rows.sort(key=lambda one: one[0])
        columns = ("单号", "业务", "状态", "应补", "应退", "申请时间")
        return [Table(str(_("退改")), columns, [(*told, at(asked)) for asked, *told in rows])]

    def _described(self, obj: TicketOrder) -> Sequence[tuple[str, str]]:
        try:
            return trade_of(obj.trade).describe(obj)
        except LookupError:
            return ()

    def _money(self, obj: TicketOrder) -> list[tuple[Any, ...]]:
        rows = FeeLine.objects.filter(ticket__ticket_order=obj).select_related("ticket").order_by("pk")
        return [
            (
                one.ticket.number, one.get_side_display(), one.get_item_display(), yuan(one.amount),
                one.reference or "—", at(one.at),
            )
            for one in rows
        ]  # fmt: skip

    def _calls(self, obj: TicketOrder) -> list[tuple[Any, ...]]:
        rows = SupplierCall.objects.filter(ticket_order=obj).select_related("supplier").order_by("pk")
        return [
            (
                link("o2o_ticketing_suppliercall", one.pk, one.number), one.supplier.name, one.get_kind_display(),
                badge(one.state, CALLS), at(one.sent_at), at(one.answered_at), one.asked_again, one.words or "—",
            )
            for one in rows
        ]  # fmt: skip

    def _tasks(self, obj: TicketOrder) -> list[tuple[Any, ...]]:
        return [
            (
                link("o2o_ticketing_desktask", one.pk, one.get_kind_display()), one.why, badge(one.state, TASKS),
                one.taken_by.first_name if one.taken_by else "—", at(one.due_at), one.result or "—",
            )
            for one in obj.desk_tasks.select_related("taken_by").order_by("pk")
        ]  # fmt: skip

    def doors(self, request: HttpRequest, obj: TicketOrder) -> Sequence[Mapping[str, Any]]:
        free = obj.state in (OrderState.HOLDING, OrderState.HELD) and obj.order_id is None
        if free and self.may(request, SELL, obj):
            return [door(_("释放座位"), "event_seat", self.address("release", obj.pk))]
        if may_text(obj) and self.may(request, REFUND, obj):
            return [door(_("重发短信"), "sms", self.address("text", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/release/", self.release_view, "release"),
            self.own("<int:pk>/text/", self.text_view, "text"),
            *super().get_urls(),
        ]

    def text_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For a caller who has not got his text, or has lost it."""
        row: TicketOrder = self.row(request, pk, REFUND)
        form = forms.Form(request.POST if request.method == "POST" else None)

        def do(_told: dict[str, Any]) -> str:
            send_text_again(request.user, row)
            return str(_("已重发到 %(mobile)s") % {"mobile": mask_phone(row.mobile)})

        return self.act(
            request, _("重发短信 %(number)s") % {"number": row.number}, form, do, self.page_of(pk),
            facts=((_("内容"), row.title), (_("发往"), mask_phone(row.mobile) or "—")),
            note=_("把取票码、入场码再发到订单的联系手机；同一张订单一小时内最多三次。"),
        )  # fmt: skip

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The customer does not want it."""
        row: TicketOrder = self.row(request, pk, SELL)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            if not close(pk, told["reason"]):
                state = TicketOrder.objects.values_list("state", flat=True).get(pk=pk)
                if state != OrderState.CLOSED:
                    raise TicketError(
                        Code.NOT_POSSIBLE, _("订单%(state)s，不能释放座位") % {"state": STATE[state]}, None,
                        _("请刷新后查看最新状态；不要的票请退票"),
                    )  # fmt: skip
            return str(_("座位已释放"))

        return self.act(
            request, f"{_('释放座位')} {row.number}", form, do, self.page_of(pk),
            facts=((_("内容"), row.title), (_("应付合计"), yuan(row.total))),
            note=_("座位随即可以卖给别人；没有收款，不用退款。"),
        )  # fmt: skip
