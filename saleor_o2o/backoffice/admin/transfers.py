"""Offline transfers: the voucher on the page, seen by the cashier (出纳), agreed to by the accountant (会计)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from saleor_o2o.cashier.models import OPEN_TRANSFERS, OfflineTransfer, TransferState
from saleor_o2o.cashier.services.transfers import (
    CHECK,
    CONFIRM,
    check_transfer,
    confirm_transfer,
    refuse_transfer,
)
from saleor_o2o.kernel.scope import OutOfScope, get_row

from ..columns import column, link_to, moment, money, state
from ..doors import door
from ..labels import yuan
from .acting import ActingAdmin
from .naming import NamesActors

TRANSFER = dict(TransferState.choices)


class CheckForm(forms.Form):
    """What the bank's statement says."""

    bank_ref = forms.CharField(
        label=_("银行流水号"), max_length=64, required=False, widget=UnfoldAdminTextInputWidget
    )
    received = forms.DecimalField(
        label=_("实际到账金额（元）"), max_digits=12, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )


class NothingForm(forms.Form):
    """Only a yes."""


class ReasonForm(forms.Form):
    """Why it is sent back."""

    reason = forms.CharField(
        label=_("退回原因（告知顾客）"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


@admin.register(OfflineTransfer)
class OfflineTransferAdmin(NamesActors, ActingAdmin):
    """Transfers that pay orders. The payer's name is masked, the voucher is shown on this page only."""

    actor_field = "submitted_by"

    list_display = (
        "number", "c_order", "c_state", "c_amount", "c_payer", "bank_ref", "c_submitted", "c_checked", "c_confirmed",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), ("submitted_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("intent__order", "checked_by", "confirmed_by")
    search_fields = ("=number", "=bank_ref", "=intent__number", "=intent__order__pk")
    search_help_text = "转账单号、银行流水号、支付单号、订单号"
    details = (
        (None, ("number", "c_intent", "c_order", "c_state", "c_amount", "c_payer", "note", "bank_ref")),
        (
            "经办",
            ("c_submitted", "c_by", "c_checked", "c_checker", "c_confirmed", "c_confirmer", "reason"),
        ),
        ("凭证", ("c_voucher",)),
    )

    c_intent = link_to("intent", "支付单", "o2o_cashier_paymentintent")
    c_order = link_to("intent__order", "订单", "o2o_backoffice_order")
    c_state = state("state", "状态", TRANSFER)
    c_amount = money("amount", "转账金额")
    c_payer = column("masked_payer", "付款户名", order=None)
    c_submitted = moment("submitted_at", "提交时间")
    c_checked = moment("checked_at", "出纳确认")
    c_confirmed = moment("confirmed_at", "会计复核")
    c_by = column("o2o_actor", "提交人", order=None)
    c_checker = column("checked_by__first_name", "出纳", order=None)
    c_confirmer = column("confirmed_by__first_name", "会计", order=None)

    @display(description=_("转账凭证"))
    def c_voucher(self, obj: OfflineTransfer) -> str:
        """The picture."""
        if not obj.voucher:
            return "—"
        address = self.address("voucher", obj.pk)
        return format_html('<img class="o2o-voucher" src="{}" alt="{}">', address, _("转账凭证"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[OfflineTransfer]:
        found: QuerySet[OfflineTransfer] = super().get_queryset(request)
        return found.exclude(state=TransferState.DRAFT).defer("voucher")

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/voucher/", self.voucher_view, "voucher"),
            self.own("<int:pk>/check/", self.check_view, "check"),
            self.own("<int:pk>/confirm/", self.confirm_view, "confirm"),
            self.own("<int:pk>/refuse/", self.refuse_view, "refuse"),
            *super().get_urls(),
        ]

    def doors(self, request: HttpRequest, obj: OfflineTransfer) -> list[Any]:
        found = []
        if obj.state == TransferState.SUBMITTED and self.may(request, CHECK, obj):
            found.append(door(_("确认到账（出纳）"), "price_check", self.address("check", obj.pk)))
        if obj.state == TransferState.CHECKED and self.may(request, CONFIRM, obj):
            found.append(door(_("复核（会计）"), "verified", self.address("confirm", obj.pk)))
        if obj.state in OPEN_TRANSFERS and (self.may(request, CHECK, obj) or self.may(request, CONFIRM, obj)):
            found.append(door(_("退回凭证"), "undo", self.address("refuse", obj.pk)))
        return found

    def _facts(self, transfer: OfflineTransfer) -> list[tuple[Any, Any]]:
        return [
            (_("订单"), f"#{transfer.intent.order_id}"),
            (_("应到账"), yuan(transfer.amount)),
            (_("付款户名"), transfer.masked_payer),
            (_("银行流水号"), transfer.bank_ref or "—"),
            (_("转账凭证"), self.c_voucher(transfer)),
        ]

    def voucher_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The picture itself, to whoever sees the transfer."""
        try:
            found = get_row(request.user, OfflineTransfer, pk=pk)
        except OutOfScope:
            raise Http404 from None
        answer = HttpResponse(bytes(found.voucher), content_type="image/jpeg")
        answer["Cache-Control"] = "private, no-store"
        return answer

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The cashier has seen the money."""
        transfer = self.row(request, pk, CHECK)

        def do(values: dict[str, Any]) -> str:
            check_transfer(request.user, pk, values["bank_ref"], values["received"])
            return str(_("已确认到账，等待会计复核"))

        form = CheckForm(request.POST or None)
        return self.act(
            request, _("确认到账（出纳）"), form, do, self.page_of(pk), facts=self._facts(transfer),
            note=_("以银行流水为准，不以凭证图片为准。金额不一致时请退回并联系顾客。"),
        )  # fmt: skip

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The accountant agrees."""
        transfer = self.row(request, pk, CONFIRM)

        def do(_values: dict[str, Any]) -> str:
            confirm_transfer(request.user, pk)
            return str(_("已复核，款项计入订单"))

        form = NothingForm(request.POST or None)
        return self.act(
            request, _("复核（会计）"), form, do, self.page_of(pk), facts=self._facts(transfer),
            buttons=(("do", "1", _("复核通过"), ""),),
        )  # fmt: skip

    def refuse_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Not there, or not as promised."""
        found = self.row(request, pk, "view")
        transfer = self.row(request, pk, CHECK if found.state == TransferState.SUBMITTED else CONFIRM)

        def do(values: dict[str, Any]) -> str:
            refuse_transfer(request.user, pk, values["reason"])
            return str(_("已退回，顾客可以换一种方式支付"))

        form = ReasonForm(request.POST or None)
        return self.act(request, _("退回凭证"), form, do, self.page_of(pk), facts=self._facts(transfer))
