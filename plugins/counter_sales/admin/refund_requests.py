"""退款申请: refunds above a clerk's limit, from the asking to the money."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from plugins.approvals.interfaces import requests_of
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import badge, column, link, moment, money
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.scope import policy_for

from ..models import CounterSale, PaidBy, RefundRequest, RefundRequestState
from ..permissions import REFUND
from ..services.asking import carry_out, withdraw_refund
from ..services.pos import read_slip
from .acting import CounterAdmin

STATE = dict(RefundRequestState.choices)


class HandForm(forms.Form):
    """Nothing to type: the notes are in the customer's hand."""


class SlipForm(forms.Form):
    """The terminal's slip of the return."""

    terminal = forms.CharField(label=_("终端号"), max_length=20, widget=UnfoldAdminTextInputWidget)
    slip = forms.CharField(label=_("退货签购单凭证号"), max_length=20, widget=UnfoldAdminTextInputWidget)


@admin.register(RefundRequest)
class RefundRequestAdmin(CounterAdmin):
    """Requests in reach; they are decided on the page of their approval."""

    list_display = (
        "number", "c_sale", "c_amount", "c_asker", "c_asked", "c_decider", "c_state",
    )  # fmt: skip
    list_display_links = ("number",)
    list_filter = (("state", ChoicesDropdownFilter), ("asked_at", titled(RangeDateFilter, "申请时间")))
    list_filter_submit = True
    list_select_related = ("sale", "asked_by", "decided_by")
    search_fields = ("number", "sale__number")
    search_help_text = _("申请号、单号")
    ordering = ("-pk",)
    change_form_outer_before_template = "o2o_counter_sales/float_tools.html"
    details = (
        (None, ("number", "c_state", "c_sale", "c_amount", "reason", "c_goods_back", "c_asker", "c_asked")),
        ("审批", ("c_approval", "c_decider", "c_decided", "decision", "c_refund")),
    )

    c_amount = money("amount", "申请退款")
    c_asker = column("asked_by__first_name", "申请人", order=None)
    c_asked = moment("asked_at", "申请时间")
    c_decider = column("decided_by__first_name", "审批人", order=None)
    c_decided = moment("decided_at", "审批时间")

    @admin.display(description=_("柜台销售"))
    def c_sale(self, row: RefundRequest) -> Any:
        return link("o2o_counter_sales_countersale", row.sale_id, row.sale.number)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: RefundRequest) -> Any:
        return badge(row.state, STATE)

    @admin.display(description=_("商品已退回"))
    def c_goods_back(self, row: RefundRequest) -> str:
        return str(_("是") if row.goods_back else _("否"))

    @admin.display(description=_("审批单"))
    def c_approval(self, row: RefundRequest) -> Any:
        approval = requests_of(row).first()
        return (
            "—" if approval is None else link("o2o_approvals_approvalrequest", approval.pk, approval.number)
        )

    @admin.display(description=_("退款号"))
    def c_refund(self, row: RefundRequest) -> str:
        return row.refund.token if row.refund is not None else "—"

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/carry-out/", self.carry_out_view, "carry_out"),
            self.own("<int:pk>/withdraw/", self.withdraw_view, "withdraw"),
            *super().get_urls(),
        ]

    def tools(self, request: HttpRequest, row: RefundRequest) -> list[tuple[str, Any]]:
        tools = []
        may = policy_for(CounterSale).may(request.user, REFUND, row.sale)
        if may and row.state == RefundRequestState.APPROVED:
            tools.append((self.address("carry_out", row.pk), _("退款给顾客")))
        open_ = row.state in (RefundRequestState.ASKED, RefundRequestState.APPROVED)
        if open_ and row.asked_by_id == request.user.pk:
            tools.append((self.address("withdraw", row.pk), _("撤回申请")))
        return tools

    def carry_out_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The approved money goes back, by hand or by the terminal."""
        row = self.row(request, pk, REFUND)
        back = reverse("admin:o2o_counter_sales_countersale_change", args=[row.sale_id])
        if row.state == RefundRequestState.DONE:
            return HttpResponseRedirect(back)
        by_card = row.sale.paid_by == PaidBy.POS
        typed = request.POST if request.method == "POST" else None
        form: forms.Form = SlipForm(typed) if by_card else HandForm(typed)

        def do(values: dict[str, Any]) -> str:
            carry_out(
                request.user, pk, pos=read_slip(values["terminal"], values["slip"]) if by_card else None
            )
            return str(_("已退款 %(sum)s") % {"sum": yuan(row.amount)})

        if by_card:
            words = _("已在 POS 机退货 %(sum)s，登记退货签购单") % {"sum": yuan(row.amount)}
        else:
            words = _("把 %(sum)s 交给顾客，确定后入账") % {"sum": yuan(row.amount)}
        return self.act(request, f"{row.sale.number}：{words}", form, do, back)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Not wanted any more."""
        row = self.row(request, pk, REFUND)

        def do(_values: dict[str, Any]) -> str:
            withdraw_refund(request.user, pk)
            return str(_("已撤回"))

        form = HandForm(request.POST if request.method == "POST" else None)
        return self.act(request, f"{_('撤回退款申请')} {row.number}", form, do, self.address("change", pk))
