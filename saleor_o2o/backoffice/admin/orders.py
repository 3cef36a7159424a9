"""Orders, Saleor's payments and their transactions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter

from saleor_o2o.cashier.models import IntentState, PaymentIntent, RefundState
from saleor_o2o.cashier.models import Refund as RefundRow
from saleor_o2o.cashier.registry import gateway_title
from saleor_o2o.kernel.scope import rows_for

from ..columns import at, badge, column, link, link_to, moment, money, state, yes_no
from ..labels import (
    CHARGE_STATUS,
    FULFILLMENT_STATUS,
    ORDER_EVENT,
    ORDER_STATE,
    ORDER_STATUS,
    TRANSACTION_KIND,
    close_words,
    error_words,
    order_state,
    yuan,
)
from ..models import Order, Payment, Transaction
from ..privacy import masked_address, masked_email, masked_phone
from . import exports
from .base import ReadOnlyAdmin, Table
from .filters import choice, either, titled

INTENT = dict(IntentState.choices)
REFUND = dict(RefundState.choices)


class ChargeFilter(DropdownFilter):
    """Orders by how far they are paid."""

    title = "支付状态"
    parameter_name = "charge"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(CHARGE_STATUS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        paid = Payment.objects.filter(is_active=True, charge_status=self.value())
        return queryset.filter(pk__in=paid.values("order_id"))


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Orders: searched by number, telephone number (or its last digits), e-mail, payment number."""

    list_display = (
        "number", "c_created", "customer", "phone", "c_total", "paid", "c_status", "c_charge", "deadline",
    )  # fmt: skip
    list_display_links = ("number",)
    list_filter = (
        choice("status", "订单状态", ORDER_STATUS),
        ChargeFilter,
        ("created", titled(RangeDateFilter, "下单时间")),
    )
    list_filter_submit = True
    search_fields = ("pk",)
    search_help_text = "订单号、手机号或尾号、邮箱、支付单号"
    list_select_related = ("user", "shipping_address", "billing_address")
    ordering = ("-pk",)
    export = exports.ORDERS
    details = (
        (None, ("number", "c_created", "c_status", "c_charge", "c_total", "c_shipping", "paid", "deadline")),
        ("顾客与收货", ("customer", "phone", "address", "c_method", "c_note")),
    )

    c_created = moment("created", "下单时间")
    c_total = money("total_gross_amount", "订单金额")
    c_shipping = money("shipping_price_gross_amount", "其中运费")
    c_method = column("shipping_method_name", "配送方式")
    c_note = column("customer_note", "顾客留言")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("payments", "payment_intents")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.strip().removeprefix("#")
        if not word:
            return queryset, False
        found = Q(user_email__istartswith=word) | Q(payment_intents__number__iexact=word)
        if word.isascii() and word.isdigit():
            if len(word) <= 9:
                found |= Q(pk=int(word))
            if len(word) >= 4:
                found |= Q(shipping_address__phone__endswith=word)
        elif word.startswith("+"):
            found |= Q(shipping_address__phone=word)
        return queryset.filter(found), True

    @admin.display(description="订单号", ordering="pk")
    def number(self, order: Any) -> str:
        return f"#{order.pk}"

    @admin.display(description="顾客")
    def customer(self, order: Any) -> str:
        return masked_email(order.user_email or (order.user.email if order.user else ""))

    @admin.display(description="手机号")
    def phone(self, order: Any) -> str:
        address = order.shipping_address or order.billing_address
        return masked_phone(address.phone) if address else "—"

    @admin.display(description="收货地址")
    def address(self, order: Any) -> str:
        return masked_address(order.shipping_address)

    @admin.display(description="订单状态", ordering="status")
    def c_status(self, order: Any) -> Any:
        return badge(order_state(order), ORDER_STATE)

    @admin.display(description="支付状态")
    def c_charge(self, order: Any) -> Any:
        return badge(order.get_payment_status(), CHARGE_STATUS)

    @admin.display(description="已收")
    def paid(self, order: Any) -> str:
        return yuan(sum(payment.captured_amount for payment in order.payments.all()))

    @admin.display(description="支付截止")
    def deadline(self, order: Any) -> str:
        waiting = [one.expires_at for one in order.payment_intents.all() if one.state == IntentState.PENDING]
        return at(max(waiting)) if waiting else "—"

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        return [_lines(obj), *money_tables(request, obj), _fulfillments(obj), _events(obj)]


def money_tables(request: HttpRequest, order: Any) -> list[Table]:
    """An order's intents, movements and refunds, as far as the user sees them; also for other pages of an order."""
    return [
        _intents(rows_for(request.user, PaymentIntent).filter(order_id=order.pk)),
        _transactions(rows_for(request.user, Transaction).filter(payment__order_id=order.pk)),
        _refunds(rows_for(request.user, RefundRow).filter(attempt__intent__order_id=order.pk)),
    ]


def _lines(order: Any) -> Table:
    rows = [
        (line.product_name, line.variant_name or "—", line.product_sku, yuan(line.unit_price_gross_amount),
         line.quantity, line.quantity_fulfilled, yuan(line.unit_price_gross_amount * line.quantity))
        for line in order.lines.all()
    ]  # fmt: skip
    return Table("商品明细", ("商品", "规格", "SKU", "单价", "数量", "已发", "小计"), rows)


def _intents(found: QuerySet[PaymentIntent]) -> Table:
    rows = [
        (link("o2o_cashier_paymentintent", one.pk, one.number), badge(one.state, INTENT), yuan(one.amount),
         at(one.created_at), at(one.expires_at), at(one.paid_at), close_words(one.close_reason) or "—")
        for one in found.order_by("-pk")
    ]  # fmt: skip
    return Table("支付单", ("支付单号", "状态", "应付", "创建", "截止", "到账", "关闭原因"), rows)


def _transactions(found: QuerySet[Any]) -> Table:
    rows = [
        (link("o2o_backoffice_transaction", one.pk, f"#{one.pk}"), at(one.created),
         TRANSACTION_KIND.get(one.kind, one.kind), yuan(one.amount), "成功" if one.is_success else "失败",
         one.token or "—")
        for one in found.order_by("pk")
    ]  # fmt: skip
    return Table("交易流水", ("流水", "时间", "类型", "金额", "结果", "渠道号"), rows)


def _refunds(found: QuerySet[RefundRow]) -> Table:
    rows = [
        (link("o2o_cashier_refund", one.pk, one.number), badge(one.state, REFUND), yuan(one.amount),
         one.get_reason_display(), at(one.created_at), at(one.finished_at), error_words(one.last_error))
        for one in found.order_by("pk")
    ]  # fmt: skip
    return Table("退款", ("退款号", "状态", "金额", "原因", "申请", "完成", "最近错误"), rows)


def _fulfillments(order: Any) -> Table:
    rows = [
        (one.composed_id, FULFILLMENT_STATUS.get(one.status, one.status), at(one.created),
         one.tracking_number or "—",
         "、".join(f"{line.order_line.product_name}×{line.quantity}" for line in one.lines.all()))
        for one in order.fulfillments.prefetch_related("lines__order_line")
    ]  # fmt: skip
    return Table("发货", ("发货单", "状态", "时间", "运单号", "内容"), rows)


def _events(order: Any) -> Table:
    rows = [
        (
            at(one.date),
            ORDER_EVENT.get(one.type, one.type),
            masked_email(one.user.email) if one.user else "系统",
        )
        for one in order.events.select_related("user").order_by("date", "pk")
    ]
    return Table("订单记录", ("时间", "事件", "操作者"), rows)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Saleor's side of payments."""

    list_display = (
        "c_pk",
        "c_order",
        "c_gateway",
        "c_total",
        "c_captured",
        "c_charge",
        "c_active",
        "c_created",
    )
    list_display_links = ("c_pk",)
    list_filter = (
        choice("charge_status", "支付状态", CHARGE_STATUS),
        either("is_active", "有效"),
        ("created", titled(RangeDateFilter, "创建时间")),
    )
    list_filter_submit = True
    list_select_related = ("order",)
    search_fields = ("=order__pk", "=token")
    search_help_text = "订单号、支付标识"
    ordering = ("-pk",)
    export = exports.PAYMENTS
    details = (
        (
            None,
            (
                "c_order",
                "c_gateway",
                "c_charge",
                "c_total",
                "c_captured",
                "c_active",
                "c_created",
                "c_modified",
            ),
        ),
    )

    c_pk = column("pk", "编号", lambda pk: f"#{pk}")
    c_order = link_to("order", "订单", "o2o_backoffice_order")
    c_gateway = column("gateway", "支付渠道", gateway_title)
    c_total = money("total", "应付")
    c_captured = money("captured_amount", "已收")
    c_charge = state("charge_status", "支付状态", CHARGE_STATUS)
    c_active = yes_no("is_active", "有效")
    c_created = moment("created", "创建时间")
    c_modified = moment("modified", "更新时间")

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        return [_transactions(rows_for(request.user, Transaction).filter(payment_id=obj.pk))]


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    """Movements of payments. What the gateway answered is not shown: it is for programs."""

    list_display = ("c_pk", "c_created", "c_order", "c_payment", "c_kind", "c_amount", "c_success", "c_token")
    list_display_links = ("c_pk",)
    list_filter = (
        choice("kind", "类型", TRANSACTION_KIND),
        either("is_success", "结果", "成功", "失败"),
        ("created", titled(RangeDateFilter, "时间")),
    )
    list_filter_submit = True
    list_select_related = ("payment__order",)
    search_fields = ("=payment__order__pk", "=token")
    search_help_text = "订单号、渠道号"
    export = exports.TRANSACTIONS
    ordering = ("-pk",)
    details = (
        (
            None,
            ("c_order", "c_payment", "c_kind", "c_amount", "c_success", "c_error", "c_token", "c_created"),
        ),
    )

    c_pk = column("pk", "编号", lambda pk: f"#{pk}")
    c_created = moment("created", "时间")
    c_order = link_to("payment__order", "订单", "o2o_backoffice_order")
    c_payment = link_to("payment", "支付", "o2o_backoffice_payment", lambda row: f"#{row.pk}")
    c_kind = column("kind", "类型", lambda kind: TRANSACTION_KIND.get(kind, kind))
    c_amount = money("amount", "金额")
    c_success = yes_no("is_success", "成功")
    c_error = column("error", "错误")
    c_token = column("token", "渠道号")
