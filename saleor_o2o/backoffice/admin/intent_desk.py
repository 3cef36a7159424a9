"""What people do with a payment: ask, close, refund in shares they see first, release or refuse what was held."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from saleor_o2o.cashier.interfaces import ask_now, cancel_intent
from saleor_o2o.cashier.models import IntentState, PartState, PaymentIntent
from saleor_o2o.cashier.services.order_refunds import Share, plan_refund
from saleor_o2o.cashier.services.reviewing import RISK, refuse_review, release_review
from saleor_o2o.cashier.services.staff_refunds import refund_by_staff
from saleor_o2o.kernel.errors import DomainError

from ..doors import door
from ..labels import yuan
from .acting import ActingAdmin
from .base import Table
from .payment_report import payment_report

CLOSE = "payment.close"
REFUND = "order.refund"


class NothingForm(forms.Form):
    """Only a yes."""


class WordsForm(forms.Form):
    """Why, or what was found out."""

    words = forms.CharField(
        label=_("说明"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


class RefundForm(forms.Form):
    """How much and why. The key makes a second click the same refund."""

    amount = forms.DecimalField(
        label=_("退款金额（元）"), max_digits=12, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    reason = forms.CharField(
        label=_("退款原因"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    key = forms.CharField(max_length=48, widget=forms.HiddenInput)


class IntentDesk(ActingAdmin):
    """The pages of things to do; `cashier.PaymentIntentAdmin` is the list and the details."""

    def get_urls(self) -> list[Any]:
        return [
            self.own("report/", self.report_view, "report"),
            self.own("<int:pk>/ask/", self.ask_view, "ask"),
            self.own("<int:pk>/close/", self.close_view, "close"),
            self.own("<int:pk>/refund/", self.refund_view, "refund"),
            self.own("<int:pk>/review/", self.review_view, "review"),
            *super().get_urls(),
        ]

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """What came in and went back, in figures."""
        return payment_report(self, request)

    def doors(self, request: HttpRequest, obj: PaymentIntent) -> list[Any]:
        found = []
        waits = obj.state in (IntentState.PENDING, IntentState.CLOSING)
        if waits and self.may(request, CLOSE, obj):
            found.append(door(_("立即查询"), "sync", self.address("ask", obj.pk)))
        if obj.state == IntentState.PENDING and self.may(request, CLOSE, obj):
            found.append(door(_("关闭支付"), "block", self.address("close", obj.pk)))
        if obj.state == IntentState.REVIEW and self.may(request, RISK, obj):
            found.append(door(_("风控审核"), "gavel", self.address("review", obj.pk)))
        if obj.state == IntentState.PAID and self.may(request, REFUND, obj):
            found.append(door(_("退款"), "undo", self.address("refund", obj.pk)))
        return found

    def _facts(self, intent: PaymentIntent) -> list[tuple[Any, Any]]:
        return [
            (_("订单"), f"#{intent.order_id}"),
            (_("状态"), intent.get_state_display()),
            (_("应付金额"), yuan(intent.amount)),
            (_("其中内部方式"), yuan(intent.covered)),
        ]

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the provider for the open trades."""
        intent = self.row(request, pk, CLOSE)

        def do(_values: dict[str, Any]) -> str:
            ask_now(pk)
            now = PaymentIntent.objects.get(pk=pk)
            return str(_("已向支付机构查询：%(state)s") % {"state": now.get_state_display()})

        form = NothingForm(request.POST or None)
        return self.act(request, _("立即查询"), form, do, self.page_of(pk), facts=self._facts(intent))

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close the payment with its order."""
        intent = self.row(request, pk, CLOSE)

        def do(_values: dict[str, Any]) -> str:
            cancel_intent(pk, "STAFF_CLOSED")
            now = PaymentIntent.objects.get(pk=pk)
            if now.state == IntentState.CLOSED:
                return str(_("已关闭，订单已取消，冻结的部分已释放"))
            return str(_("支付单现在是“%(state)s”") % {"state": now.get_state_display()})

        return self.act(
            request,
            _("关闭支付"),
            NothingForm(request.POST or None),
            do,
            self.page_of(pk),
            facts=self._facts(intent),
            note=_("先在支付机构关闭，再取消订单、释放库存和已冻结的储值卡等。顾客若已付款则不会关闭。"),
        )

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Release or refuse what was held."""
        intent = self.row(request, pk, RISK)

        def do(values: dict[str, Any]) -> str:
            if request.POST.get("decision") == "refuse":
                refuse_review(request.user, pk, values["words"])
                return str(_("已拒绝：款项原路退回，订单取消"))
            release_review(request.user, pk, values["words"])
            return str(_("已放行：订单已支付"))

        facts = [*self._facts(intent), (_("触发原因"), intent.risk or "—")]
        return self.act(
            request,
            _("风控审核"),
            WordsForm(request.POST or None),
            do,
            self.page_of(pk),
            facts=facts,
            note=_("放行后照常发货；拒绝须写明原因，款项全额退回。"),
            buttons=(
                ("decision", "release", _("放行"), ""),
                ("decision", "refuse", _("拒绝并退款"), "danger"),
            ),
        )

    def refund_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how an amount would be divided; then give it back."""
        intent = self.row(request, pk, REFUND)
        form = RefundForm(request.POST or None, initial={"key": uuid4().hex})
        looks = request.POST.get("step") != "refund"
        table = None
        if request.method == "POST" and form.is_valid():
            table = self._shares(intent, form)

        def do(values: dict[str, Any]) -> str:
            done = refund_by_staff(
                request.user, intent.order_id, values["amount"], reason=values["reason"], key=values["key"]
            )
            return str(_("已登记退款 %(amount)s（%(number)s）") % {
                "amount": yuan(done.amount), "number": done.number,
            })  # fmt: skip

        buttons = [("step", "look", _("查看如何退回"), "secondary")]
        if table is not None:
            buttons.append(("step", "refund", _("确认退款"), ""))
        return self.act(
            request,
            _("退款"),
            form,
            do,
            self.page_of(pk),
            facts=[*self._facts(intent), (_("还可退"), yuan(_left(intent)))],
            table=table,
            note=_("按各支付方式的余额分摊，精确到分，原路退回；转账和 POS 由人工退回后登记凭据。"),
            buttons=buttons,
            only_look=looks,
        )

    def _shares(self, intent: PaymentIntent, form: RefundForm) -> Table | None:
        try:
            shares: list[Share] = plan_refund(intent, form.cleaned_data["amount"])
        except DomainError as error:
            form.add_error("amount", error.in_words)
            return None
        rows = [(share.label, yuan(share.left), yuan(share.amount)) for share in shares]
        return Table("", ("支付方式", "还可退", "本次退回"), rows)


def _left(intent: PaymentIntent) -> Decimal:
    return Decimal(intent.payment.captured_amount)


def part_rows(intent: PaymentIntent, names: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
    """The parts of an intent for the table on its page."""
    from ..columns import at, badge, link

    return [
        (link("o2o_cashier_paymentpart", part.pk, part.label), badge(part.state, names), yuan(part.amount),
         yuan(part.refunded), "" if part.is_ready or part.state != PartState.HELD else "待确认到账",
         at(part.created_at), at(part.captured_at))
        for part in intent.parts.order_by("pk")
    ]  # fmt: skip
