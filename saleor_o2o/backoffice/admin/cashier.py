"""The cashier's rows: intents, attempts, refunds."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from saleor_o2o.cashier.figures import title_of
from saleor_o2o.cashier.models import (
    AttemptState,
    IntentState,
    OrderRefundState,
    PartState,
    PaymentAttempt,
    PaymentIntent,
    Refund,
    RefundState,
)
from saleor_o2o.cashier.registry import account_title, account_titles, gateway_title
from saleor_o2o.cashier.services.offering import TITLES

from ..columns import at, badge, column, link, link_to, moment, money, state
from ..labels import close_words, error_words, yuan
from . import exports
from .base import ReadOnlyAdmin, Table
from .filters import choice
from .intent_desk import IntentDesk, part_rows
from .moves import moves_of
from .naming import NamesActors

INTENT = dict(IntentState.choices)
ATTEMPT = dict(AttemptState.choices)
REFUND = dict(RefundState.choices)
METHOD = {code: str(title) for code, title in TITLES.items()}
PART = dict(PartState.choices)
ORDER_REFUND = dict(OrderRefundState.choices)


@admin.register(PaymentIntent)
class PaymentIntentAdmin(IntentDesk):
    """What orders have to be paid."""

    list_display = (
        "number", "c_order", "c_state", "c_amount", "c_covered", "c_gateway", "c_created", "c_expires", "c_paid",
        "c_attention",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("order",)
    search_fields = ("=number", "=order__pk", "=attempts__number")
    search_help_text = "支付单号、商户订单号、订单号"
    export = exports.INTENTS
    details = (
        (None, ("number", "c_order", "c_payment", "c_state", "c_amount", "c_covered", "c_gateway", "risk")),
        ("时间", ("c_created", "c_expires", "c_paid", "c_closed", "c_reason", "c_attention")),
    )

    c_order = link_to("order", "订单", "o2o_backoffice_order")
    c_payment = link_to("payment", "Saleor 支付", "o2o_backoffice_payment", lambda row: f"#{row.pk}")
    c_state = state("state", "状态", INTENT)
    c_amount = money("amount", "应付金额")
    c_covered = money("covered", "其中内部方式")
    c_gateway = column("gateway", "支付渠道", gateway_title)
    c_created = moment("created_at", "创建时间")
    c_expires = moment("expires_at", "支付截止")
    c_paid = moment("paid_at", "到账时间")
    c_closed = moment("closed_at", "关闭时间")
    c_reason = column("close_reason", "关闭原因", close_words)
    c_attention = column("attention", "需要处理")

    def tables(self, request: HttpRequest, obj: PaymentIntent) -> list[Table]:
        rows = [
            (link("o2o_cashier_paymentattempt", one.pk, one.number), title_of(one.method), badge(one.state, ATTEMPT),
             yuan(one.amount), at(one.created_at), at(one.paid_at), one.provider_ref or "—")
            for one in obj.attempts.order_by("pk")
        ]  # fmt: skip
        headers = ("商户订单号", "方式", "状态", "金额", "创建", "付款", "渠道交易号")
        parts = ("方式", "状态", "金额", "已退", "备注", "冻结", "扣款")
        refunds = [
            (link("o2o_cashier_orderrefund", one.pk, one.number), badge(one.state, ORDER_REFUND),
             yuan(one.amount), one.reason or "—", at(one.created_at), at(one.finished_at))
            for one in obj.order_refunds.order_by("pk")
        ]  # fmt: skip
        return [
            Table("内部支付部分", parts, part_rows(obj, PART)),
            Table("支付尝试", headers, rows),
            Table("退款", ("申请号", "状态", "金额", "原因", "申请", "完成"), refunds),
            moves_of(obj),
        ]


@admin.register(PaymentAttempt)
class PaymentAttemptAdmin(ReadOnlyAdmin):
    """Trades at the provider."""

    list_display = (
        "number", "c_intent", "c_order", "c_method", "c_state", "c_amount", "c_created", "c_paid", "c_ref", "c_error"
    )  # fmt: skip
    list_filter = (
        ("state", ChoicesDropdownFilter), choice("method", "支付方式", METHOD), ("created_at", RangeDateTimeFilter)
    )  # fmt: skip
    list_filter_submit = True
    list_select_related = ("intent__order",)
    search_fields = ("=number", "=provider_ref", "=intent__number", "=intent__order__pk")
    search_help_text = "商户订单号、渠道交易号、支付单号、订单号"
    details = (
        (None, ("number", "c_intent", "c_order", "c_method", "c_state", "c_amount", "c_ref", "c_account")),
        ("时间", ("c_created", "c_expires", "c_paid", "c_next", "query_count", "c_error")),
    )

    c_intent = link_to("intent", "支付单", "o2o_cashier_paymentintent")
    c_method = column("method", "支付方式", title_of)
    c_account = column("account", "收款账户", account_title, order=None)
    c_order = link_to("intent__order", "订单", "o2o_backoffice_order")
    c_state = state("state", "状态", ATTEMPT)
    c_amount = money("amount", "金额")
    c_created = moment("created_at", "创建时间")
    c_expires = moment("expires_at", "支付截止")
    c_paid = moment("paid_at", "付款时间")
    c_next = moment("next_query_at", "下次查询")
    c_ref = column("provider_ref", "渠道交易号")
    c_error = column("last_error", "最近错误", error_words)

    def tables(self, request: HttpRequest, obj: PaymentAttempt) -> list[Table]:
        if not obj.is_combined:
            return [moves_of(obj)]
        names = account_titles()
        rows = [
            (
                part.number,
                names.get(part.account, part.account),
                part.label or "自营",
                yuan(part.amount),
                part.provider_ref or "—",
            )
            for part in obj.sub_trades.all()
        ]
        headers = ("子单商户订单号", "收款账户", "商家", "金额", "渠道交易号")
        return [Table("合单子单", headers, rows), moves_of(obj)]


@admin.register(Refund)
class RefundAdmin(NamesActors, ReadOnlyAdmin):
    """Refunds."""

    actor_field = "requested_by"

    list_display = (
        "number",
        "c_order",
        "c_state",
        "c_amount",
        "c_reason",
        "c_created",
        "c_finished",
        "c_error",
    )
    list_filter = (
        ("state", ChoicesDropdownFilter), ("reason", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter)
    )  # fmt: skip
    list_filter_submit = True
    list_select_related = ("attempt__intent__order",)
    search_fields = ("=number", "=provider_ref", "=attempt__number", "=attempt__intent__order__pk")
    search_help_text = "退款号、渠道退款号、商户订单号、订单号"
    export = exports.REFUNDS
    details = (
        (
            None,
            (
                "number",
                "c_order",
                "c_attempt",
                "c_state",
                "c_amount",
                "c_reason",
                "c_ref",
                "c_by",
                "c_account",
                "c_part",
            ),
        ),
        ("时间", ("c_created", "c_finished", "c_next", "try_count", "c_error")),
    )

    c_order = link_to("attempt__intent__order", "订单", "o2o_backoffice_order")
    c_attempt = link_to("attempt", "支付尝试", "o2o_cashier_paymentattempt")
    c_state = state("state", "状态", REFUND)
    c_amount = money("amount", "退款金额")
    c_reason = column("get_reason_display", "原因", lambda name: name(), order="reason")
    c_ref = column("provider_ref", "渠道退款号")
    c_account = column("account", "收款账户", account_title, order=None)
    c_part = column("trade_number", "退自商户订单号", order=None)
    c_by = column("o2o_actor", "申请人", order=None)
    c_created = moment("created_at", "申请时间")
    c_finished = moment("finished_at", "完成时间")
    c_next = moment("next_try_at", "下次处理")
    c_error = column("last_error", "最近错误", error_words)

    def tables(self, request: HttpRequest, obj: Refund) -> list[Table]:
        return [moves_of(obj)]
