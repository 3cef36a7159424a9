"""权益结算单: made for a period, confirmed or objected to, answered, paid; a workbook of each with every use on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.admin.reports import workbook
from saleor_o2o.backoffice.columns import at, badge, column, link, moment, money
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import today

from ..choices import SheetState
from ..models import SettlementItem, SettlementSheet
from ..permissions import SHEET_ANSWER, SHEET_CONFIRM, SHEET_EXPORT, SHEET_MAKE, SHEET_PAY
from ..services.settling import answer, confirm, make_sheets, object_to, pay
from .forms import AnswerForm, ConfirmForm, PayForm, PeriodForm

STATE = dict(SheetState.choices)
#: By state: what may be done, with its icon, page and right.
STEPS = {
    SheetState.MADE: (
        (_("确认"), "check", "confirm", SHEET_CONFIRM),
        (_("提出异议"), "report", "dispute", SHEET_CONFIRM),
    ),
    SheetState.OBJECTED: ((_("答复异议"), "reply", "answer", SHEET_ANSWER),),
    SheetState.CONFIRMED: ((_("登记付款"), "payments", "pay", SHEET_PAY),),
}


@admin.register(SettlementSheet)
class SheetAdmin(ActingAdmin):
    """Sheets of the units in reach, and of sellers who rendered benefits there only."""

    begins = ((_("开结算单"), "add", "make", SHEET_MAKE),)
    list_display = ("number", "c_payee", "c_unit", "c_span", "uses", "c_amount", "c_state", "c_made")
    list_display_links = ("number",)
    list_select_related = ("seller", "unit", "made_by", "confirmed_by", "objected_by", "paid_by")
    list_filter = (("state", ChoicesDropdownFilter), ("last", titled(RangeDateFilter, "截止日")))
    list_filter_submit = True
    search_fields = ("number", "seller__name", "unit__name", "reference")
    search_help_text = _("结算单号、收款方、付款凭证号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_state", "c_payee", "c_unit", "c_span", "c_made", "uses", "c_amount", "c_by", "c_confirmed",
                "objection", "answer", "reference", "c_paid",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "权益结算单", SHEET_EXPORT,
        (
            Cell("结算单号", "number"), Cell("收款方", "payee"), Cell("机构", "unit__name"), Cell("自", "first"),
            Cell("至", "last"), Cell("次数", "uses"), Cell("应付（元）", "amount"),
            Cell("状态", lambda row: row.get_state_display()), Cell("付款日期", "paid_on"),
            Cell("付款凭证号", "reference"),
        ),
        related=("seller", "unit"),
    )  # fmt: skip

    c_payee = column("payee", "收款方", order=None)
    c_unit = column("unit__name", "机构", order="unit__path")
    c_amount = money("amount", "应付")
    c_made = moment("made_at", "开单时间")

    @admin.display(description=_("期间"), ordering="last")
    def c_span(self, row: SettlementSheet) -> str:
        return f"{row.first} 至 {row.last}"

    @admin.display(description=_("开单人"))
    def c_by(self, row: SettlementSheet) -> str:
        return row.made_by.first_name if row.made_by is not None else str(_("每月自动"))

    @admin.display(description=_("确认"))
    def c_confirmed(self, row: SettlementSheet) -> str:
        return (
            f"{row.confirmed_by.first_name} {at(row.confirmed_at)}" if row.confirmed_by is not None else "—"
        )

    @admin.display(description=_("付款"))
    def c_paid(self, row: SettlementSheet) -> str:
        return f"{row.paid_on} {row.paid_by.first_name}" if row.paid_by is not None else "—"

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: SettlementSheet) -> Any:
        return badge(row.state, STATE)

    def tables(self, request: HttpRequest, obj: SettlementSheet) -> Sequence[Table]:
        return [_lines(obj), _corrections(obj), moves_of(obj, STATE)]

    def doors(self, request: HttpRequest, obj: SettlementSheet) -> Sequence[Mapping[str, Any]]:
        found = [
            door(words, icon, self.address(name, obj.pk))
            for words, icon, name, right in STEPS.get(SheetState(obj.state), ())
            if self.may(request, right, obj)
        ]
        if self.may(request, SHEET_EXPORT, obj):
            found.append(door(_("下载明细"), "download", self.address("book", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("make/", self.make_view, "make"),
            self.own("<int:pk>/confirm/", self.confirm_view, "confirm"),
            self.own("<int:pk>/dispute/", self.dispute_view, "dispute"),
            self.own("<int:pk>/answer/", self.answer_view, "answer"),
            self.own("<int:pk>/pay/", self.pay_view, "pay"),
            self.own("<int:pk>/book/", self.book_view, "book"),
            *super().get_urls(),
        ]

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """The sheets of a period: without a word, the month before."""
        user: Any = request.user
        if not user.has_perm(SHEET_MAKE):
            raise PermissionDenied
        last = today().replace(day=1) - timedelta(days=1)
        form = PeriodForm(
            request.POST if request.method == "POST" else None,
            initial={"first": last.replace(day=1), "last": last},
        )

        def do(told: dict[str, Any]) -> str:
            made = make_sheets(user, told["first"], told["last"])
            if not made:
                return str(_("没有要结算的：都已在结算单上，或应付不足"))
            total = yuan(sum(one.amount for one in made))
            return str(_("已开 %(count)d 张，共 %(sum)s") % {"count": len(made), "sum": total})

        note = _(
            "每个收款方一张；截止日以前还没有结算的（包括迟到的撤销和更正）都在里面。每月 1 日自动开上个月的。"
        )
        return self.act(
            request, _("开权益结算单"), form, do, reverse(f"admin:{self._page('changelist')}"), note=note
        )  # fmt: skip

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The payee agrees."""
        row: SettlementSheet = self.row(request, pk, SHEET_CONFIRM)
        form = ConfirmForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            confirm(request.user, pk, told["note"])
            return str(_("已确认，等待付款"))

        note = _("确认以后不能再改；有不对的，请提出异议。")
        if row.seller_id is not None:
            note = _("请先交商户核对；写明由谁确认的。确认以后不能再改。")
        return self._step(request, row, _("确认结算单"), form, do, note)

    def dispute_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The payee does not agree."""
        row: SettlementSheet = self.row(request, pk, SHEET_CONFIRM)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            object_to(request.user, pk, told["reason"])
            return str(_("已提出异议，等待会计答复"))

        note = _("写明哪一项、差多少。这张结算单不改；更正在下一张里。")
        return self._step(request, row, _("提出异议"), form, do, note)

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The accountant answers."""
        row: SettlementSheet = self.row(request, pk, SHEET_ANSWER)
        form = AnswerForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            answer(request.user, pk, told["amount"], told["reason"])
            return str(_("已答复，请对方确认；更正在下一张结算单里"))

        note = _("异议：%(text)s") % {"text": row.objection}
        return self._step(request, row, _("答复异议"), form, do, note)

    def pay_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The money was sent."""
        row: SettlementSheet = self.row(request, pk, SHEET_PAY)
        form = PayForm(request.POST if request.method == "POST" else None, initial={"paid_on": today()})

        def do(told: dict[str, Any]) -> str:
            pay(request.user, pk, told["reference"], told["paid_on"])
            return str(_("已登记付款"))

        return self._step(request, row, _("登记付款"), form, do, _("钱汇出以后再登记；登记以后不能改。"))

    def _step(
        self, request: HttpRequest, row: SettlementSheet, title: Any, form: Any, do: Any, note: Any
    ) -> HttpResponse:
        facts = (
            (_("收款方"), row.payee), (_("期间"), self.c_span(row)), (_("次数"), row.uses),
            (_("应付"), yuan(row.amount)),
        )  # fmt: skip
        return self.act(
            request, f"{title} {row.number}", form, do, self.page_of(row.pk), facts=facts, note=note
        )

    def book_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The sheet as a workbook: what it says, its lines, and every use on it."""
        row: SettlementSheet = self.row(request, pk, SHEET_EXPORT)
        asked = {"first": row.first, "last": row.last, "number": row.number}
        head = Table(
            "结算单", ("结算单号", "收款方", "机构", "次数", "应付", "状态", "付款日期", "付款凭证号"),
            [(row.number, row.payee, row.unit.name, row.uses, yuan(row.amount), row.get_state_display(),
              str(row.paid_on or ""), row.reference)],
        )  # fmt: skip
        return workbook(
            request,
            "o2o_memberships.sheet",
            f"权益结算单{row.number}",
            asked,
            [head, _lines(row), _uses(row)],
        )


def _lines(sheet: SettlementSheet) -> Table:
    """What it is made of, with the sum below."""
    rows = [
        (
            one.benefit.name if one.benefit is not None else (one.correction.reason if one.correction else "—"),
            one.unit.name, f"{one.get_kind_display()}{'（以前的）' if one.earlier else ''}", one.count, yuan(one.price),
            yuan(one.amount),
        )
        for one in sheet.lines.select_related("benefit", "unit", "correction").order_by("pk")
    ]  # fmt: skip
    headers = ("权益", "核销机构", "事由", "次数", "结算价", "金额")
    return Table(str(_("明细")), headers, [*rows, (str(_("合计")), "", "", "", "", yuan(sheet.amount))])


def _corrections(sheet: SettlementSheet) -> Table:
    """What was wrong with it, and on which sheet that is."""
    rows = []
    for one in sheet.corrections.select_related("made_by", "line__sheet").order_by("pk"):
        line = getattr(one, "line", None)
        taken = (
            link("o2o_memberships_settlementsheet", line.sheet_id, line.sheet.number) if line else _("下一张")
        )
        rows.append((at(one.at), yuan(one.amount), one.reason, one.made_by.first_name, taken))
    return Table(str(_("更正")), ("时间", "金额", "事由", "经办人", "记在"), rows)


def _uses(sheet: SettlementSheet) -> Table:
    """Every use on it, one row each; whose it was is told by the member's number only. One statement."""
    items = SettlementItem.objects.filter(line__sheet=sheet).select_related(
        "line", "entry__use__benefit", "entry__use__membership__member", "entry__use__operator", "entry__unit"
    )
    rows = [
        (
            at(one.entry.at), one.entry.use.benefit.name, one.entry.use.membership.member.number, one.entry.unit.name,
            one.entry.use.operator.first_name if one.entry.use.operator is not None else "",
            one.line.get_kind_display(), yuan(one.entry.settlement), one.entry.use.note,
        )
        for one in items.order_by("entry__at", "pk")
    ]  # fmt: skip
    return Table("逐笔", ("时间", "权益", "会员号", "核销机构", "经办人", "事由", "金额", "说明"), rows)
