"""Parts of payments, refunds over them, what people give back by hand, and the movements of stored-value cards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateTimeFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from saleor_o2o.cashier.figures import title_of
from saleor_o2o.cashier.models import (
    CardMovement,
    CardMovementKind,
    OrderRefund,
    OrderRefundState,
    PartRefund,
    PartState,
    PaymentPart,
    RefundState,
    ShareState,
)
from saleor_o2o.cashier.services.handing_back import REFUND, hand_back
from saleor_o2o.cashier.tenders import tenders

from ..columns import at, badge, column, link, link_to, moment, money, state
from ..doors import door
from ..labels import yuan
from .acting import ActingAdmin
from .base import ReadOnlyAdmin, Table
from .naming import NamesActors

PART = dict(PartState.choices)
ORDER_REFUND = dict(OrderRefundState.choices)
SHARE = dict(ShareState.choices)
REMOTE = dict(RefundState.choices)
MOVEMENT = dict(CardMovementKind.choices)


def tender_title(kind: str) -> str:
    """What to call a kind of internal money; its code where its plugin is off."""
    found = tenders().get(kind)
    return str(found.title) if found is not None else kind


def by_tender(field: str) -> type[DropdownFilter]:
    """A filter by the kinds that there are, not by those that somebody has used."""

    class TenderFilter(DropdownFilter):
        title = _("方式")
        parameter_name = "tender"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            return [(kind, tender.title) for kind, tender in sorted(tenders().items())]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() in tenders() else queryset

    return TenderFilter


@admin.register(PaymentPart)
class PaymentPartAdmin(ReadOnlyAdmin):
    """Cards, cash, transfers … that cover a part of an order."""

    list_display = (
        "number", "c_intent", "c_order", "c_kind", "label", "c_state", "c_amount", "c_refunded", "c_created",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), by_tender("kind"), ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("intent__order",)
    search_fields = ("=number", "=intent__number", "=intent__order__pk", "=ref")
    search_help_text = "部分号、支付单号、订单号、凭据"
    details = (
        (None, ("number", "c_intent", "c_order", "c_kind", "label", "c_state", "c_amount", "c_refunded")),
        ("时间", ("c_created", "c_captured", "c_released", "held_by")),
    )

    c_intent = link_to("intent", "支付单", "o2o_cashier_paymentintent")
    c_order = link_to("intent__order", "订单", "o2o_backoffice_order")
    c_kind = column("kind", "方式", tender_title)
    c_state = state("state", "状态", PART)
    c_amount = money("amount", "金额")
    c_refunded = money("refunded", "已退")
    c_created = moment("created_at", "冻结时间")
    c_captured = moment("captured_at", "扣款时间")
    c_released = moment("released_at", "释放时间")

    def tables(self, request: HttpRequest, obj: PaymentPart) -> list[Table]:
        rows = [
            (link("o2o_cashier_partrefund", one.pk, one.number), badge(one.state, SHARE), yuan(one.amount),
             one.reference or "—", at(one.done_at))
            for one in obj.refunds.order_by("pk")
        ]  # fmt: skip
        return [Table("退回", ("退回号", "状态", "金额", "凭据", "退回时间"), rows)]


@admin.register(OrderRefund)
class OrderRefundAdmin(NamesActors, ReadOnlyAdmin):
    """Refunds of orders with their shares."""

    actor_field = "requested_by"
    list_display = (
        "number", "c_order", "c_intent", "c_state", "c_amount", "reason", "c_by", "c_created", "c_finished",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("intent__order",)
    search_fields = ("=number", "=intent__number", "=intent__order__pk")
    search_help_text = "退款申请号、支付单号、订单号"
    details = (
        (None, ("number", "c_order", "c_intent", "c_state", "c_amount", "reason", "c_by")),
        ("时间", ("c_created", "c_finished")),
    )

    c_order = link_to("intent__order", "订单", "o2o_backoffice_order")
    c_intent = link_to("intent", "支付单", "o2o_cashier_paymentintent")
    c_state = state("state", "状态", ORDER_REFUND)
    c_amount = money("amount", "退款金额")
    c_by = column("o2o_actor", "申请人", order=None)
    c_created = moment("created_at", "申请时间")
    c_finished = moment("finished_at", "完成时间")

    def tables(self, request: HttpRequest, obj: OrderRefund) -> list[Table]:
        rows: list[tuple[Any, ...]] = [
            (link("o2o_cashier_refund", one.pk, one.number), title_of(one.attempt.method), badge(one.state, REMOTE),
             yuan(one.amount), one.provider_ref or "—", at(one.finished_at))
            for one in obj.remote.select_related("attempt").order_by("pk")
        ]  # fmt: skip
        rows += [
            (link("o2o_cashier_partrefund", one.pk, one.number), one.part.label, badge(one.state, SHARE),
             yuan(one.amount), one.reference or "—", at(one.done_at))
            for one in obj.shares.select_related("part").order_by("pk")
        ]  # fmt: skip
        return [Table("各支付方式退回", ("单号", "方式", "状态", "金额", "凭据", "退回时间"), rows)]


class ReferenceForm(forms.Form):
    """How it was given back."""

    reference = forms.CharField(
        label=_("退回凭据号"),
        max_length=64,
        required=False,
        help_text=_("银行回单号、POS 撤销单号、现金签收单号"),
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(PartRefund)
class PartRefundAdmin(ActingAdmin):
    """Shares of internal parts; those that people give back wait here."""

    list_display = (
        "number", "c_part", "c_order", "c_state", "c_amount", "reference", "c_created", "c_done", "done_by",
    )  # fmt: skip
    list_filter = (
        ("state", ChoicesDropdownFilter),
        by_tender("part__kind"),
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_select_related = ("part__intent__order", "order_refund")
    search_fields = ("=number", "=order_refund__number", "=part__intent__order__pk", "=reference")
    search_help_text = "退回号、退款申请号、订单号、凭据"
    details = (
        (None, ("number", "c_part", "c_whole", "c_order", "c_state", "c_amount", "reference", "done_by")),
        ("时间", ("c_created", "c_done")),
    )

    c_part = link_to("part", "方式", "o2o_cashier_paymentpart", lambda part: part.label)
    c_whole = link_to("order_refund", "退款申请", "o2o_cashier_orderrefund")
    c_order = link_to("part__intent__order", "订单", "o2o_backoffice_order")
    c_state = state("state", "状态", SHARE)
    c_amount = money("amount", "金额")
    c_created = moment("created_at", "登记时间")
    c_done = moment("done_at", "退回时间")

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/done/", self.done_view, "done"), *super().get_urls()]

    def doors(self, request: HttpRequest, obj: PartRefund) -> list[Any]:
        if obj.state == ShareState.DONE or not self.may(request, REFUND, obj):
            return []
        return [door(_("登记已退回"), "task_alt", self.address("done", obj.pk))]

    def done_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note how a share was given back."""
        share = self.row(request, pk, REFUND)

        def do(values: dict[str, Any]) -> str:
            hand_back(request.user, pk, values["reference"])
            return str(_("已登记退回 %(amount)s") % {"amount": yuan(share.amount)})

        facts = [
            (_("订单"), f"#{share.part.intent.order_id}"),
            (_("方式"), share.part.label),
            (_("应退金额"), yuan(share.amount)),
        ]
        form = ReferenceForm(request.POST or None)
        return self.act(request, _("登记已退回"), form, do, self.page_of(pk), facts=facts)


@admin.register(CardMovement)
class CardMovementAdmin(ReadOnlyAdmin):
    """What the cashier moved on stored-value cards; codes are masked."""

    list_display = ("biz_key", "c_card", "c_kind", "c_amount", "c_after", "c_order", "c_at", "actor")
    list_filter = (("kind", ChoicesDropdownFilter), ("at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("card", "part__intent__order")
    search_fields = ("=biz_key", "=part__intent__order__pk")
    search_help_text = "业务号、订单号"
    details = ((None, ("biz_key", "c_card", "c_kind", "c_amount", "c_after", "c_order", "c_at", "actor")),)

    c_card = column("card__display_code", "储值卡", order=None)
    c_kind = column("kind", "类型", MOVEMENT.get)
    c_amount = column("amount", "金额", lambda amount: f"{amount:+,.2f}")
    c_after = money("balance_after", "变动后余额")
    c_order = link_to("part__intent__order", "订单", "o2o_backoffice_order")
    c_at = moment("at", "时间")
