"""汽车票发票: what buyers want, for finance to issue, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.widgets import UnfoldAdminSingleDateWidget

from plugins.org_hierarchy.interfaces import may_unmask
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import at, badge, column, moment, money
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.backoffice.privacy import masked_email
from saleor_o2o.kernel.clock import today

from ..access import INVOICE_EXPORT, INVOICE_ISSUE, INVOICE_UNMASK
from ..choices import InvoiceKind, InvoiceState
from ..models import CoachInvoice
from ..services.invoices import left_of, mark_failed, mark_issued
from ..services.invoices import reverse as reverse_invoice
from .forms import text

STATE = dict(InvoiceState.choices)


class IssuedForm(forms.Form):
    """Under which number, and when."""

    invoice_number = text(
        _("发票号码"), 40, help_text=_("数电发票 20 位；纸质发票 8 位，或 10 位代码加 8 位号码")
    )
    issued_on = forms.DateField(label=_("开票日期"), widget=UnfoldAdminSingleDateWidget)


EXPORT = Export(
    _("汽车票发票"), INVOICE_EXPORT,
    (
        Cell(_("申请号"), "number"), Cell(_("种类"), lambda row: row.get_kind_display()),
        Cell(_("状态"), lambda row: row.get_state_display()), Cell(_("票务订单"), "ticket_order__number"),
        Cell(_("行程"), "ticket_order__title"), Cell(_("抬头"), "title"), Cell(_("税号"), "tax_number"),
        Cell(_("金额（元）"), "amount"), Cell(_("接收邮箱"), lambda row: masked_email(row.email), whole="email"),
        Cell(_("发票号码"), "invoice_number"),
        Cell(_("开票日期"), lambda row: row.issued_on.isoformat() if row.issued_on else ""),
        Cell(_("冲红的发票"), lambda row: row.red_of.invoice_number if row.red_of is not None else ""),
        Cell(_("申请时间"), lambda row: at(row.asked_at)), Cell(_("说明"), "why"),
    ),
    unmask=INVOICE_UNMASK, related=("ticket_order", "red_of"),
)  # fmt: skip


@admin.register(CoachInvoice)
class CoachInvoiceAdmin(ActingAdmin):
    """Invoices of the units' orders in reach."""

    export = EXPORT
    list_display = ("number", "c_kind", "c_state", "c_order", "title", "c_amount", "invoice_number", "c_at")
    list_display_links = ("number",)
    list_select_related = ("ticket_order",)
    list_filter = (
        ("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter),
        ("asked_at", titled(RangeDateTimeFilter, "申请时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("number", "ticket_order__number", "invoice_number")
    search_help_text = _("申请号、票务订单号、发票号码")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number",
                "c_kind",
                "c_state",
                "c_order",
                "title",
                "tax_number",
                "c_mail",
                "c_amount",
                "invoice_number",
                "c_day",
                "c_red",
                "c_at",
                "c_by",
                "c_decided",
                "why",
            ),
        ),
    )

    c_kind = column("get_kind_display", "种类", lambda show: show(), order="kind")
    c_order = column("ticket_order__number", "票务订单", order=None)
    c_amount = money("amount", "金额")
    c_red = column("red_of__number", "冲红的发票", order=None)
    c_at = moment("asked_at", "申请时间")
    c_day = column("issued_on", "开票日期", lambda day: day.isoformat())
    c_by = column("decided_by__first_name", "经办人", order=None)
    c_decided = moment("decided_at", "办理时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: CoachInvoice) -> Any:
        return badge(row.state, STATE)

    @admin.display(description=_("接收邮箱"))
    def c_mail(self, row: CoachInvoice) -> str:
        return masked_email(row.email)

    def tables(self, request: HttpRequest, obj: CoachInvoice) -> Sequence[Table]:
        reds = [
            (one.number, one.get_state_display(), yuan(one.amount), one.invoice_number or "—", one.why)
            for one in obj.reds.order_by("pk")
        ]
        headers = ("申请号", "状态", "金额", "发票号码", "说明")
        return [Table(str(_("红字发票")), headers, reds)] if reds else []

    def doors(self, request: HttpRequest, obj: CoachInvoice) -> Sequence[Mapping[str, Any]]:
        found = []
        if self.may(request, INVOICE_ISSUE, obj):
            if obj.state == InvoiceState.WANTED:
                found.append(door(_("登记已开具"), "task_alt", self.address("issued", obj.pk)))
            if obj.kind == InvoiceKind.BLUE and obj.state == InvoiceState.WANTED:
                found.append(door(_("登记开具失败"), "error", self.address("failed", obj.pk)))
            if obj.kind == InvoiceKind.BLUE and obj.state == InvoiceState.ISSUED:
                found.append(door(_("整张冲红"), "undo", self.address("reverse", obj.pk)))
        if obj.email and may_unmask(request.user, obj):
            path = reverse("admin:o2o_org_hierarchy_staff_reveal", args=[obj._meta.label_lower, obj.pk])
            found.append(door(_("查看接收邮箱"), "visibility", path))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/issued/", self.issued_view, "issued"),
            self.own("<int:pk>/failed/", self.failed_view, "failed"),
            self.own("<int:pk>/reverse/", self.reverse_view, "reverse"),
            *super().get_urls(),
        ]

    def _facts(self, row: CoachInvoice) -> tuple[tuple[Any, Any], ...]:
        return (
            (_("种类"), row.get_kind_display()), (_("抬头"), row.title), (_("税号"), row.tax_number or "—"),
            (_("金额"), yuan(row.amount)),
        )  # fmt: skip

    def issued_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Its number at the tax bureau, and the day."""
        row: CoachInvoice = self.row(request, pk, INVOICE_ISSUE)
        form = IssuedForm(
            request.POST if request.method == "POST" else None, initial={"issued_on": today().isoformat()}
        )

        def do(told: dict[str, Any]) -> str:
            mark_issued(request.user, pk, told["invoice_number"], told["issued_on"])
            return str(_("已登记开具"))

        title = _("登记已开具 %(number)s") % {"number": row.number}
        return self.act(request, title, form, do, self.page_of(pk), facts=self._facts(row))

    def failed_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Why not; the buyer reads it."""
        row: CoachInvoice = self.row(request, pk, INVOICE_ISSUE)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            mark_failed(request.user, pk, told["reason"])
            return str(_("已登记开具失败，客户可以重新申请"))

        title = _("登记开具失败 %(number)s") % {"number": row.number}
        note = _("事由会显示给客户，例如“税号有误，请核对后重新申请”。")
        return self.act(request, title, form, do, self.page_of(pk), facts=self._facts(row), note=note)

    def reverse_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A wrong title: taken back as a whole, asked for anew."""
        row: CoachInvoice = self.row(request, pk, INVOICE_ISSUE)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            red = reverse_invoice(request.user, pk, told["reason"])
            if red is None:
                return str(_("已冲红"))
            return str(_("已生成待开具的红字发票 %(number)s") % {"number": red.number})

        title = _("整张冲红 %(number)s") % {"number": row.invoice_number or row.number}
        note = _("冲红剩余金额 %(left)s；冲红后客户可以按新抬头重新申请。") % {"left": yuan(left_of(row))}
        return self.act(request, title, form, do, self.page_of(pk), facts=self._facts(row), note=note)
