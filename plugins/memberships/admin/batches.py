"""制卡批次 and 调拨: made by one and agreed to by another, sent by one and counted in by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.errors import DomainError

from ..choices import BatchState, CardState, HandoutState
from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..models import Card, CardBatch, Handout
from ..permissions import CARD_APPROVE, CARD_MAKE, CARD_MOVE, CARD_PRINT
from ..services.batches import ask_batch, decide_batch, take_codes
from ..services.stock import count_in, send_cards
from .desks import desk
from .forms import BatchForm, HandoutForm, OptionalReasonForm

BATCH, HANDOUT = dict(BatchState.choices), dict(HandoutState.choices)


@admin.register(CardBatch)
class BatchAdmin(ActingAdmin):
    """Batches of the units in reach."""

    begins = ((_("申请制卡"), "add", "make", CARD_MAKE),)
    list_display = ("number", "c_plan", "count", "c_unit", "c_state", "c_by", "c_decided", "c_made")
    list_display_links = ("number",)
    list_select_related = ("plan", "unit", "made_by", "decided_by", "printed_by")
    list_filter = ("state", "plan")
    search_fields = ("number",)
    search_help_text = _("批次号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_state", "c_plan", "count", "c_unit", "c_until", "c_by", "c_decided", "c_printed", "c_made",
                "note",
            ),
        ),
    )  # fmt: skip

    c_plan = column("plan__name", "方案")
    c_unit = column("unit__name", "制卡机构", order="unit__path")
    c_by = column("made_by__first_name", "申请人", order=None)
    c_decided = column("decided_by__first_name", "复核人", order=None)
    c_printed = column("printed_by__first_name", "导出人", order=None)
    c_made = moment("made_at", "申请时间")
    c_until = moment("good_until", "激活截止")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: CardBatch) -> Any:
        return badge(row.state, BATCH)

    def tables(self, request: HttpRequest, obj: CardBatch) -> Sequence[Table]:
        from django.db.models import Count

        rows = (
            Card.objects.filter(batch=obj).order_by().values_list("unit__name", "state").annotate(Count("pk"))
        )
        names = dict(CardState.choices)
        told = [(unit, str(names[state]), count) for unit, state, count in sorted(rows)]
        return [Table(str(_("在哪里")), ("机构", "状态", "张数"), told), moves_of(obj, BATCH)]

    def doors(self, request: HttpRequest, obj: CardBatch) -> Sequence[Mapping[str, Any]]:
        found = []
        if obj.state == BatchState.ASKED and self.may(request, CARD_APPROVE, obj):
            found.append(door(_("复核通过"), "check", self.address("agree", obj.pk)))
            found.append(door(_("驳回"), "close", self.address("refuse", obj.pk)))
        if obj.state == BatchState.APPROVED and self.may(request, CARD_PRINT, obj):
            found.append(door(_("导出制卡文件"), "print", self.address("print", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("make/", self.make_view, "make"),
            self.own("<int:pk>/agree/", self.agree_view, "agree"),
            self.own("<int:pk>/refuse/", self.refuse_view, "refuse"),
            self.own("<int:pk>/print/", self.print_view, "print"),
            *super().get_urls(),
        ]

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for cards."""
        unit = desk(request, CARD_MAKE)
        form = BatchForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            made = ask_batch(request.user, told["plan"], told["count"], told["note"], told["months"])
            return str(_("已申请 %(number)s，等待复核") % {"number": made.number})

        return self.act(
            request, _("申请制卡"), form, do, reverse(f"admin:{self._page('changelist')}"),
            facts=((_("制卡机构"), unit.name),), note=_("须由另一位同事复核；复核后生成卡号和刮码，刮码只能导出一次。"),
        )  # fmt: skip

    def agree_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The cards are written."""
        row: CardBatch = self.row(request, pk, CARD_APPROVE)
        form = OptionalReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            decide_batch(request.user, pk, agreed=True, reason=told["reason"])
            return str(_("已复核，卡号已生成"))

        facts = ((_("方案"), row.plan.name), (_("张数"), row.count), (_("用途"), row.note))
        return self.act(request, f"{_('复核制卡')} {row.number}", form, do, self.page_of(pk), facts=facts)

    def refuse_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """There will be none."""
        row: CardBatch = self.row(request, pk, CARD_APPROVE)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            decide_batch(request.user, pk, agreed=False, reason=told["reason"])
            return str(_("已驳回"))

        return self.act(request, f"{_('驳回制卡')} {row.number}", form, do, self.page_of(pk))

    def print_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file for the printer: once."""
        row: CardBatch = self.row(request, pk, CARD_PRINT)
        form = OptionalReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                rows = take_codes(request.user, pk)
            except DomainError as error:
                form.add_error(None, error.in_words)
            else:
                text = "卡号,刮码\r\n" + "".join(f"{number},{code}\r\n" for number, code in rows)
                response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
                response["Content-Disposition"] = f'attachment; filename="{row.number}.csv"'
                response["Cache-Control"] = "no-store"
                return response
        note = _("刮码只能导出这一次，导出后平台不再保存；请直接交给制卡厂，不要转发。")
        return self.act(
            request, f"{_('导出制卡文件')} {row.number}", form, lambda _told: "", self.page_of(pk), note=note,
            only_look=True, facts=((_("张数"), row.count),), buttons=(("do", "1", _("导出"), ""),),
        )  # fmt: skip


@admin.register(Handout)
class HandoutAdmin(ActingAdmin):
    """Cards on their way, from or to the units in reach."""

    begins = ((_("发出会员卡"), "outbox", "send", CARD_MOVE),)
    list_display = ("number", "c_plan", "count", "c_source", "c_target", "c_state", "c_sent", "c_over")
    list_display_links = ("number",)
    list_select_related = ("plan", "source", "target", "sent_by", "received_by")
    list_filter = ("state",)
    search_fields = ("number",)
    search_help_text = _("调拨单号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_state", "c_plan", "count", "first", "last", "c_source", "c_target", "c_by", "c_received",
                "c_sent", "c_over",
            ),
        ),
    )  # fmt: skip

    c_plan = column("plan__name", "方案")
    c_source = column("source__name", "发出机构", order="source__path")
    c_target = column("target__name", "接收机构", order="target__path")
    c_by = column("sent_by__first_name", "发出人", order=None)
    c_received = column("received_by__first_name", "接收人", order=None)
    c_sent = moment("sent_at", "发出时间")
    c_over = moment("over_at", "结束时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Handout) -> Any:
        return badge(row.state, HANDOUT)

    def tables(self, request: HttpRequest, obj: Handout) -> Sequence[Table]:
        return [moves_of(obj, HANDOUT)]

    def doors(self, request: HttpRequest, obj: Handout) -> Sequence[Mapping[str, Any]]:
        if obj.state != HandoutState.SENT or not self.may(request, CARD_MOVE, obj):
            return []
        return [
            door(_("清点接收"), "inventory", self.address("receive", obj.pk)),
            door(_("退回"), "undo", self.address("refuse", obj.pk)),
        ]

    def get_urls(self) -> list[Any]:
        return [
            self.own("send/", self.send_view, "send"),
            self.own("<int:pk>/receive/", self.receive_view, "receive"),
            self.own("<int:pk>/refuse/", self.refuse_view, "refuse"),
            *super().get_urls(),
        ]

    def send_view(self, request: HttpRequest) -> HttpResponse:
        """To another unit."""
        unit = desk(request, CARD_MOVE)
        form = HandoutForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            target = OrgUnit.objects.filter(code=told["target"].strip().upper()).first()
            if target is None:
                raise MembershipError(Code.NOT_FOUND, _("没有这个机构"), "target", _("请核对机构代码"))
            made = send_cards(request.user, told["plan"], target, told["count"])
            return str(
                _("已发出 %(number)s：%(first)s 至 %(last)s")
                % {"number": made.number, "first": made.first, "last": made.last}
            )

        return self.act(
            request, _("发出会员卡"), form, do, reverse(f"admin:{self._page('changelist')}"),
            facts=((_("发出机构"), unit.name),), note=_("按卡号从小到大；接收机构清点之后才能售卖。"),
        )  # fmt: skip

    def receive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All are there."""
        row: Handout = self.row(request, pk, CARD_MOVE)
        form = OptionalReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            count_in(request.user, pk, all_there=True, reason=told["reason"])
            return str(_("已接收，可以售卖"))

        facts = ((_("张数"), row.count), (_("起始卡号"), row.first), (_("截止卡号"), row.last))
        return self.act(request, f"{_('清点接收')} {row.number}", form, do, self.page_of(pk), facts=facts)

    def refuse_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Not all are there: they go back."""
        row: Handout = self.row(request, pk, CARD_MOVE)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            count_in(request.user, pk, all_there=False, reason=told["reason"])
            return str(_("已退回发出机构"))

        return self.act(request, f"{_('退回会员卡')} {row.number}", form, do, self.page_of(pk))
