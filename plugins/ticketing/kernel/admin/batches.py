"""批量退票: sessions and shifts given back as a whole; begun by hand, agreed to by a second person, followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import at, badge, column, moment, money
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError

from ..access import BATCH, may_for_city
from ..choices import BatchState, Trade
from ..models import RefundBatch
from ..services import batches_by_hand
from ..services.batches_by_hand import Session, agree, begin, sessions_of

STATE = dict(BatchState.choices)


class BatchForm(forms.Form):
    """Which days of which trade are looked at; then which of the sessions, and why."""

    trade = forms.ChoiceField(label=_("票种"), choices=Trade.choices, widget=UnfoldAdminSelectWidget)
    first = forms.DateField(label=_("出发（开场）日期从"), widget=UnfoldAdminSingleDateWidget)
    last = forms.DateField(label=_("到"), widget=UnfoldAdminSingleDateWidget)
    words = forms.CharField(
        label=_("内容"), max_length=60, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("线路、演出或景区名称的一部分；不填为全部"),
    )  # fmt: skip
    sessions = forms.MultipleChoiceField(
        label=_("要退的场次（班次）"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("先查询，再选择；按承运方（主办方）取消办理，不收手续费"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("事由"), max_length=200, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("会记入审计"),
    )  # fmt: skip
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def clean_shown(self) -> Decimal:
        """What the page showed that the chosen ones come to together; nothing where it showed nothing."""
        try:
            return Decimal(self.cleaned_data["shown"] or "0")
        except InvalidOperation:
            return Decimal(0)


@admin.register(RefundBatch)
class BatchAdmin(ActingAdmin):
    """Sessions and shifts that were cancelled, and how far their refunds are."""

    begins = ((_("发起批量退票"), "event_busy", "new", BATCH),)
    list_display = (
        "number",
        "title",
        "c_starts",
        "c_due",
        "c_far",
        "c_troubles",
        "c_state",
        "c_by",
        "c_made",
    )
    list_display_links = ("number",)
    list_select_related = ("unit", "asked_by", "decided_by")
    list_filter = (("state", ChoicesDropdownFilter), ("trade", ChoicesDropdownFilter))
    list_filter_submit = True
    search_fields = ("number", "title", "key")
    search_help_text = _("批次号、内容、产品")
    ordering = ("-pk",)
    details = (
        (None, ("number", "title", "key", "c_starts", "cause", "reason", "c_unit", "c_due", "c_by", "c_decided", "why",
                "c_far", "c_troubles", "c_state", "c_made", "c_done")),
    )  # fmt: skip

    c_starts = moment("starts_at", "出发（开场）")
    c_unit = column("unit__name", "受理机构", order="unit__path")
    c_due = money("due", "涉及票款")
    c_made = moment("made_at", "申请时间")
    c_done = moment("done_at", "完成时间")

    @admin.display(description=_("发起人"))
    def c_by(self, row: RefundBatch) -> str:
        return row.asked_by.first_name if row.asked_by is not None else str(_("系统"))

    @admin.display(description=_("复核人"))
    def c_decided(self, row: RefundBatch) -> str:
        return row.decided_by.first_name if row.decided_by is not None else "—"

    @admin.display(description=_("进度"))
    def c_far(self, row: RefundBatch) -> str:
        if row.state == BatchState.DONE and not row.handled:
            return str(_("没有要退的票"))
        return f"{row.handled} / {row.orders}"

    @admin.display(description=_("未能提交"))
    def c_troubles(self, row: RefundBatch) -> str:
        return str(_("%(count)d 单") % {"count": len(row.failed)}) if row.failed else "—"

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: RefundBatch) -> Any:
        return badge(row.state, STATE)

    def tables(self, request: HttpRequest, obj: RefundBatch) -> Sequence[Table]:
        rows = [
            (one.number, one.ticket_order.number, yuan(one.due), one.get_state_display())
            for one in obj.refunds.select_related("ticket_order").order_by("-pk")[:200]
        ]
        failed = sorted(obj.failed.items())[:200]
        return [
            Table(str(_("未能提交的订单（每分钟再试）")), ("票务订单号", "原因"), failed),
            Table(str(_("退票单")), ("退票单号", "票务订单号", "应退客户", "状态"), rows),
        ]

    def doors(self, request: HttpRequest, obj: RefundBatch) -> Sequence[Mapping[str, Any]]:
        own = obj.asked_by_id == getattr(request.user, "pk", None)
        if obj.state != BatchState.PENDING or own or not may_for_city(request.user, BATCH):
            return ()
        return [
            door(_("同意办理"), "check", self.address("agree", obj.pk)),
            door(_("不予办理"), "close", self.address("refuse", obj.pk)),
        ]

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/", self.new_view, "new"),
            self.own("<int:pk>/agree/", self.agree_view, "agree"),
            self.own("<int:pk>/refuse/", self.refuse_view, "refuse"),
            *super().get_urls(),
        ]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Look, choose, see what it comes to, begin. What the page showed is what is done at most."""
        user: Any = request.user
        if not may_for_city(user, BATCH):
            raise PermissionDenied
        data = request.POST.copy() if request.method == "POST" else None
        start = {
            "key": uuid4().hex,
            "first": today(),
            "last": today() + timedelta(days=1),
            "trade": Trade.COACH.value,
        }
        form = BatchForm(data, initial=start)
        found: list[Session] = []
        more = False
        if data is not None:
            found = self._look(form, data)
            more = len(found) > batches_by_hand.MOST
            found = found[: batches_by_hand.MOST]
        chosen = [one for one in found if data is not None and one.name in data.getlist("sessions")]
        total = sum((one.due for one in chosen), Decimal(0))
        counted = data is not None and data.get("shown") == str(total) and bool(chosen)

        def do(told: dict[str, Any]) -> str:
            made = begin(user, told["key"], chosen, told["reason"], told["shown"])
            waits = made[0].state == BatchState.PENDING
            words = (
                _("已提交 %(count)d 批，票款超过您的额度，请其他人员复核")
                if waits
                else _("已开始办理 %(count)d 批")
            )
            return str(words % {"count": len(made)})

        response = self.act(
            request, _("发起批量退票"), form, do, reverse("admin:o2o_ticketing_refundbatch_changelist"),
            table=_table(chosen or found) if found else None,
            only_look=request.method == "POST" and ("do" not in request.POST or not counted),
            note=_note(found, chosen, total, more=more),
            buttons=(
                ("look", "1", _("重新合计") if found else _("查询"), ""),
                *([("do", "1", _("全部退票"), "secondary")] if chosen else []),
            ),
        )  # fmt: skip
        if response.status_code != 302 and data is not None:
            data["shown"] = str(total)
        return response

    @staticmethod
    def _look(form: BatchForm, data: Any) -> list[Session]:
        """The sessions of the days that were asked for; the form's choices are these."""
        form.fields["sessions"].choices = [(name, name) for name in data.getlist("sessions")]  # type: ignore[attr-defined]
        if not form.is_valid():
            return []
        told = form.cleaned_data
        try:
            found = sessions_of(told["trade"], told["first"], told["last"], told["words"])
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.in_words)
            return []
        form.fields["sessions"].choices = [  # type: ignore[attr-defined]
            (one.name, " · ".join(filter(None, (f"{one.title} {at(one.starts_at)}", one.batch))))
            for one in found
        ]
        return found

    def agree_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A second person lets it run."""
        row: RefundBatch = self.row(request, pk, BATCH)
        form = forms.Form(request.POST if request.method == "POST" else None)

        def do(_told: dict[str, Any]) -> str:
            agree(request.user, pk, yes=True)
            return str(_("已同意，开始办理"))

        return self.act(
            request,
            _("同意批量退票 %(number)s") % {"number": row.number},
            form,
            do,
            self.page_of(pk),
            facts=_facts(row),
        )

    def refuse_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A second person does not."""
        row: RefundBatch = self.row(request, pk, BATCH)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            agree(request.user, pk, yes=False, why=told["reason"])
            return str(_("已退回，没有退票"))

        return self.act(
            request,
            _("不予办理 %(number)s") % {"number": row.number},
            form,
            do,
            self.page_of(pk),
            facts=_facts(row),
        )


def _facts(row: RefundBatch) -> Sequence[tuple[Any, Any]]:
    return (
        (_("内容"), row.title), (_("出发（开场）"), at(row.starts_at)), (_("订单数"), row.orders),
        (_("涉及票款"), yuan(row.due) if row.due is not None else "—"), (_("事由"), row.reason),
    )  # fmt: skip


def _note(found: Sequence[Session], chosen: Sequence[Session], total: Decimal, *, more: bool) -> Any:
    if chosen:
        told = {
            "sessions": len(chosen), "orders": sum(one.orders for one in chosen),
            "tickets": sum(one.tickets for one in chosen), "total": yuan(total),
        }  # fmt: skip
        return _(
            "已选 %(sessions)d 个场次（班次）：%(orders)d 单、%(tickets)d 张票，票款 %(total)s。"
            "确认后全部票立即停用，不收手续费；用券的，券的部分不退。"
        ) % told  # fmt: skip
    if more:
        told = {"most": batches_by_hand.MOST}
        return (
            _("这些日期的场次（班次）太多，只列出最早的 %(most)d 个；请缩短日期，或填写内容后再查询。") % told
        )
    return _("请选择要退的，再点“重新合计”") if found else _("先查询，看清有多少单、多少钱，再办理")


def _table(sessions: Sequence[Session]) -> Table:
    rows = [
        (
            one.title, at(one.starts_at), one.orders, one.tickets, yuan(one.due), one.waiting or "—",
            one.batch or "—",
        )
        for one in sessions
    ]  # fmt: skip
    headers = ("内容", "出发（开场）", "订单", "票", "票款", "待出票订单（出票后自动退）", "已在办理")
    return Table(str(_("涉及多少")), headers, rows)
