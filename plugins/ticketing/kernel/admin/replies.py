"""商家退票答复: a merchant's own people agree to refunds or say why not; how often, and how fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import UnfoldAdminTextareaWidget

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import below, titled
from saleor_o2o.backoffice.admin.reports import asked_of, shown
from saleor_o2o.backoffice.columns import at, badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import midnight
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..access import REPLY_ANSWER, REPLY_EXPORT, REPLY_VIEW
from ..choices import RefundState, ReplyState
from ..models import RefundReply
from ..services.replies import answer

STATE: dict[str, Any] = dict(ReplyState.choices)
REFUND: dict[str, Any] = dict(RefundState.choices)


class ReplyForm(forms.Form):
    """Why; a no needs it."""

    said = forms.CharField(
        label=_("说明"), max_length=200, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("不同意时必填：平台会据此审核，也会告诉客户"),
    )  # fmt: skip


def tickets_of(row: RefundReply) -> Table:
    """What would go back, ticket by ticket; no names, the merchant lets in codes."""
    rows = [
        (one.ticket.number, one.ticket.fare_name, one.ticket.seat or "—", one.quantity, yuan(one.fee), yuan(one.due),
         one.words)
        for one in row.refund.items.select_related("ticket").order_by("pk")
    ]  # fmt: skip
    headers = ("票号", "票类", "座位", "人次", "手续费", "应退客户", "计费说明")
    return Table(str(_("要退的票")), headers, rows)


@admin.register(RefundReply)
class ReplyAdmin(ActingAdmin):
    """Refunds that the own unit is asked about, or those below it."""

    begins = ((_("答复报表"), "monitoring", "report", REPLY_VIEW),)
    list_display = ("c_refund", "c_title", "c_starts", "c_unit", "c_state", "c_due", "c_asked", "c_now")
    list_display_links = ("c_refund",)
    list_select_related = ("refund__ticket_order", "unit", "answered_by")
    list_filter = (
        ("state", ChoicesDropdownFilter), ("asked_at", titled(RangeDateFilter, "提请时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("refund__number", "refund__ticket_order__number", "refund__items__ticket__number")
    search_help_text = _("退票单号、票务订单号、票号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_refund", "c_title", "c_starts", "c_reason", "c_state", "c_unit", "c_asked", "c_due", "c_silence",
                "said", "c_by", "c_answered", "c_now",
            ),
        ),
    )  # fmt: skip

    c_refund = column("refund__number", "退票单号", order=None)
    c_title = column("refund__ticket_order__title", "内容", order=None)
    c_starts = column("refund__ticket_order__starts_at", "开场（游玩日）", at)
    c_reason = column("refund__reason", "退票事由", lambda words: words or "—", order=None)
    c_unit = column("unit__name", "答复机构", order="unit__path")
    c_silence = column("get_silence_display", "逾期", lambda show: show(), order=None)
    c_by = column("answered_by__first_name", "答复人", lambda name: name or "—", order=None)
    c_due = moment("due_at", "答复截止")
    c_asked = moment("asked_at", "提请时间")
    c_answered = moment("answered_at", "答复时间")

    @admin.display(description=_("答复"), ordering="state")
    def c_state(self, row: RefundReply) -> Any:
        return badge(row.state, STATE)

    @admin.display(description=_("退票进度"))
    def c_now(self, row: RefundReply) -> Any:
        return badge(row.refund.state, REFUND)

    def tables(self, request: HttpRequest, obj: RefundReply) -> Sequence[Table]:
        return [tickets_of(obj)]

    def doors(self, request: HttpRequest, obj: RefundReply) -> Sequence[Mapping[str, Any]]:
        if obj.state != ReplyState.WAITING or not self.may(request, REPLY_ANSWER, obj):
            return ()
        return [door(_("答复"), "quickreply", self.address("answer", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [
            self.own("report/", self.report_view, "report"),
            self.own("<int:pk>/answer/", self.answer_view, "answer"),
            *super().get_urls(),
        ]

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Yes, or no with a reason."""
        row: RefundReply = self.row(request, pk, REPLY_ANSWER)
        if row.state != ReplyState.WAITING:
            return self._answered(request, row)
        form = ReplyForm(request.POST if request.method == "POST" else None)
        agree = "refuse" not in request.POST

        def do(told: dict[str, Any]) -> str:
            answer(request.user, pk, agree=agree, said=told["said"])
            return str(_("已同意，正在办理退款") if agree else _("已答复不同意，转平台审核"))

        order = row.refund.ticket_order
        facts = (
            (_("内容"), order.title), (_("开场（游玩日）"), at(order.starts_at)),
            (_("退票事由"), row.refund.reason or "—"), (_("答复截止"), at(row.due_at)),
            (_("逾期"), row.get_silence_display()),
        )  # fmt: skip
        return self.act(
            request, _("答复退票 %(number)s") % {"number": row.refund.number}, form, do, self.page_of(pk), facts=facts,
            table=tickets_of(row), note=_("不同意的由平台审核；答复前票已停用，不能入场。"),
            buttons=(("agree", "1", _("同意退票"), ""), ("refuse", "1", _("不同意"), "secondary")),
        )  # fmt: skip

    def _answered(self, request: HttpRequest, row: RefundReply) -> HttpResponse:
        """Somebody was quicker, the time was over, or the buyer keeps his ticket: what it came to, and no form."""
        told = {"number": row.refund.number, "state": row.get_state_display(), "said": row.said}
        if row.state in (ReplyState.AGREED, ReplyState.REFUSED):
            words = _("退票 %(number)s 已答复：%(state)s") % told
        elif row.state == ReplyState.WITHDRAWN:
            words = _("退票 %(number)s：客户已撤回退票，票照常有效，不用再答复") % told
        else:
            words = _("退票 %(number)s 不用再答复：%(state)s") % told
        if row.said:
            words = f"{words}；{_('说明：%(said)s') % told}"
        messages.warning(request, words)
        return HttpResponseRedirect(self.page_of(row.pk))

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """How merchants answered refunds of some days; `format=xlsx`: a workbook."""
        user: Any = request.user
        policy = policy_for(RefundReply)
        if not policy.may(user, REPLY_VIEW, RefundReply):
            raise PermissionDenied
        may_export = policy.may(user, REPLY_EXPORT, RefundReply)
        as_file = request.GET.get("format") == "xlsx"
        if as_file and not may_export:
            raise PermissionDenied
        asked = asked_of(request, 31, _("自"))
        rows = rows_for(user, RefundReply, REPLY_EXPORT if as_file else REPLY_VIEW).filter(
            asked_at__gte=midnight(asked["first"]), asked_at__lt=midnight(asked["last"] + timedelta(days=1))
        )
        if asked["unit"]:
            rows = rows.filter(below(asked["unit"], "unit__path"))
        total = _counted(rows)
        cards = [
            (_("提请答复"), str(total["count"]), _("待答复 %(open)d") % {"open": total["open"]}),
            (_("同意"), str(total["agreed"]), ""),
            (_("不同意"), str(total["refused"]), _("其中平台改为退款 %(count)d") % {"count": total["overruled"]}),
            (_("逾期未答复"), str(total["silent"]), ""),
            (_("客户撤回"), str(total["withdrawn"]), ""),
        ]  # fmt: skip
        tables = [
            _pivot(rows, "按答复机构", "机构", "unit__name"),
            _pivot(rows, "按产品", "产品", "refund__ticket_order__title"),
        ]
        return shown(
            self,
            request,
            "o2o_ticketing.replies",
            _("商家退票答复报表"),
            asked,
            tables,
            cards,
            may_export=may_export,
        )


_TOOK = ExpressionWrapper(F("answered_at") - F("asked_at"), output_field=DurationField())
_PAID = (RefundState.ASKED, RefundState.AT_SUPPLIER, RefundState.PAYING, RefundState.DONE)
_SUMS: dict[str, Any] = {
    "count": Count("pk"),
    "open": Count("pk", filter=Q(state=ReplyState.WAITING)),
    "agreed": Count("pk", filter=Q(state=ReplyState.AGREED)),
    "refused": Count("pk", filter=Q(state=ReplyState.REFUSED)),
    "overruled": Count("pk", filter=Q(state=ReplyState.REFUSED, refund__state__in=_PAID)),
    "silent": Count("pk", filter=Q(state=ReplyState.SILENT)),
    "withdrawn": Count("pk", filter=Q(refund__state=RefundState.WITHDRAWN)),
    "took": Avg(_TOOK, filter=Q(state__in=(ReplyState.AGREED, ReplyState.REFUSED))),
}


def _counted(rows: Any) -> dict[str, Any]:
    told: dict[str, Any] = rows.order_by().aggregate(**_SUMS)
    return told


def _pivot(rows: Any, title: str, heading: str, path: str) -> Table:
    lines = [
        (one[path], one["count"], one["open"], one["agreed"], one["refused"], one["overruled"], one["silent"],
         one["withdrawn"], _hours(one["took"]))
        for one in rows.order_by().values(path).annotate(**_SUMS).order_by(path)
    ]  # fmt: skip
    headers = ("提请", "待答复", "同意", "不同意", "平台改为退款", "逾期", "客户撤回", "平均用时（小时）")
    return Table(title, (heading, *headers), lines)


def _hours(took: timedelta | None) -> str:
    return f"{took.total_seconds() / 3600:.1f}" if took is not None else "—"
