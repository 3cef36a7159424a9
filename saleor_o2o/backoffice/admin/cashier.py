"""The cashier's rows: intents, attempts, refunds, the inbox of notifications."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action

from saleor_o2o.cashier.models import (
    AttemptState,
    IntentState,
    Notification,
    NotificationState,
    OrderRefundState,
    PartState,
    PaymentAttempt,
    PaymentIntent,
    Refund,
    RefundState,
)
from saleor_o2o.cashier.services.inbox import replay
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import StateMove

from ..columns import at, badge, column, link, link_to, moment, money, state
from ..labels import yuan
from . import exports
from .base import ReadOnlyAdmin, Table
from .intent_desk import IntentDesk, part_rows

INTENT = dict(IntentState.choices)
ATTEMPT = dict(AttemptState.choices)
REFUND = dict(RefundState.choices)
PART = dict(PartState.choices)
ORDER_REFUND = dict(OrderRefundState.choices)
NOTIFICATION = dict(NotificationState.choices)


def _moves(row: Any) -> Table:
    """The row's way through its states."""
    found = StateMove.objects.filter(subject_type=row._meta.label, subject_id=str(row.pk)).order_by("pk")
    names = {**INTENT, **ATTEMPT, **REFUND, **NOTIFICATION}
    rows = [
        (
            at(one.at),
            names.get(one.source, one.source),
            names.get(one.target, one.target),
            one.actor,
            one.reason or "—",
        )
        for one in found
    ]
    return Table("状态变更", ("时间", "原状态", "新状态", "操作者", "原因"), rows)


@admin.register(PaymentIntent)
class PaymentIntentAdmin(IntentDesk):
    """What orders have to be paid."""

    list_display = (
        "number", "c_order", "c_state", "c_amount", "c_covered", "gateway", "c_created", "c_expires", "c_paid",
        "c_attention",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("order",)
    search_fields = ("=number", "=order__pk", "=attempts__number")
    search_help_text = "支付单号、商户订单号、订单号"
    export = exports.INTENTS
    details = (
        (None, ("number", "c_order", "c_payment", "c_state", "c_amount", "c_covered", "gateway", "risk")),
        ("时间", ("c_created", "c_expires", "c_paid", "c_closed", "c_reason", "c_attention")),
    )

    c_order = link_to("order", "订单", "o2o_backoffice_order")
    c_payment = link_to("payment", "Saleor 支付", "o2o_backoffice_payment", lambda row: f"#{row.pk}")
    c_state = state("state", "状态", INTENT)
    c_amount = money("amount", "应付金额")
    c_covered = money("covered", "其中内部方式")
    c_created = moment("created_at", "创建时间")
    c_expires = moment("expires_at", "支付截止")
    c_paid = moment("paid_at", "到账时间")
    c_closed = moment("closed_at", "关闭时间")
    c_reason = column("close_reason", "关闭原因")
    c_attention = column("attention", "需要处理")

    def tables(self, request: HttpRequest, obj: PaymentIntent) -> list[Table]:
        rows = [
            (link("o2o_cashier_paymentattempt", one.pk, one.number), one.method, badge(one.state, ATTEMPT),
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
            _moves(obj),
        ]


@admin.register(PaymentAttempt)
class PaymentAttemptAdmin(ReadOnlyAdmin):
    """Trades at the provider."""

    list_display = (
        "number", "c_intent", "c_order", "method", "c_state", "c_amount", "c_created", "c_paid", "c_ref", "c_error"
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), "method", ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("intent__order",)
    search_fields = ("=number", "=provider_ref", "=intent__number", "=intent__order__pk")
    search_help_text = "商户订单号、渠道交易号、支付单号、订单号"
    details = (
        (None, ("number", "c_intent", "c_order", "method", "c_state", "c_amount", "c_ref", "account")),
        ("时间", ("c_created", "c_expires", "c_paid", "c_next", "query_count", "c_error")),
    )

    c_intent = link_to("intent", "支付单", "o2o_cashier_paymentintent")
    c_order = link_to("intent__order", "订单", "o2o_backoffice_order")
    c_state = state("state", "状态", ATTEMPT)
    c_amount = money("amount", "金额")
    c_created = moment("created_at", "创建时间")
    c_expires = moment("expires_at", "支付截止")
    c_paid = moment("paid_at", "付款时间")
    c_next = moment("next_query_at", "下次查询")
    c_ref = column("provider_ref", "渠道交易号")
    c_error = column("last_error", "最近错误")

    def tables(self, request: HttpRequest, obj: PaymentAttempt) -> list[Table]:
        if not obj.is_combined:
            return [_moves(obj)]
        rows = [
            (part.number, part.account, part.label or "自营", yuan(part.amount), part.provider_ref or "—")
            for part in obj.sub_trades.all()
        ]
        headers = ("子单商户订单号", "收款账户", "商家", "金额", "渠道交易号")
        return [Table("合单子单", headers, rows), _moves(obj)]


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Refunds."""

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
    c_account = column("account", "收款账户", lambda code: code or "—", order=None)
    c_part = column("trade_number", "退自商户订单号", order=None)
    c_by = column("requested_by", "申请人")
    c_created = moment("created_at", "申请时间")
    c_finished = moment("finished_at", "完成时间")
    c_next = moment("next_try_at", "下次处理")
    c_error = column("last_error", "最近错误")

    def tables(self, request: HttpRequest, obj: Refund) -> list[Table]:
        return [_moves(obj)]


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """The inbox of providers' notifications. The stored bytes are not shown: they may name a payer."""

    list_display = (
        "c_external", "gateway", "c_kind", "c_state", "times_seen", "attempts", "c_received", "c_processed", "c_error"
    )  # fmt: skip
    list_display_links = ("c_external",)
    list_filter = (("state", ChoicesDropdownFilter), "gateway", ("received_at", RangeDateTimeFilter))
    list_filter_submit = True
    search_fields = ("=external_id",)
    search_help_text = "通知编号"
    actions = ("replay_dead",)
    details = (
        (None, ("c_external", "gateway", "c_kind", "c_state", "c_size", "times_seen", "attempts")),
        ("时间", ("c_received", "c_processed", "c_next", "c_error")),
    )

    c_external = column("external_id", "通知编号")
    c_kind = column("kind", "类型")
    c_state = state("state", "状态", NOTIFICATION)
    c_received = moment("received_at", "收到时间")
    c_processed = moment("processed_at", "处理时间")
    c_next = moment("next_attempt_at", "下次处理")
    c_error = column("last_error", "最近错误")
    c_size = column("body", "原文", lambda body: f"{len(bytes(body))} 字节", order=None)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        found: QuerySet[Notification] = super().get_queryset(request)
        # The list needs neither the bytes nor the headers; the page of one row reads them when it must.
        return found.defer("body", "headers")

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "change")

    @action(description="重新处理所选的失败通知", permissions=["replay"])
    def replay_dead(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        done = 0
        for pk in list(queryset.filter(state=NotificationState.DEAD).values_list("pk", flat=True)):
            try:
                replay(pk)
            except DomainError as error:
                messages.error(request, f"#{pk}：{error}")
            else:
                done += 1
        messages.info(request, f"已重新处理 {done} 条通知（只有“处理失败”的通知可以重新处理）")

    def tables(self, request: HttpRequest, obj: Notification) -> list[Table]:
        return [_moves(obj)]
