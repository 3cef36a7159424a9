"""Pages of card payments; nothing is changed here but the note that somebody has seen to it."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.columns import at, badge, column, link, link_to, moment, money, state
from saleor_o2o.backoffice.labels import yuan

from .models import ChargeState, MoveKind, MoveState, StripeCharge, StripeMove

CHARGE = dict(ChargeState.choices)
MOVE = dict(MoveState.choices)
KIND = dict(MoveKind.choices)
#: Why people must look at a charge, and what they do.
ATTENTION = {
    "LATE_MONEY": _("无单到账，正在自动退回"),
    "AMOUNT_MISMATCH": _("到账金额与应收不符，请到 Stripe 核对"),
    "AUTHORISATION_GONE": _("授权已失效，没有收到钱：请联系顾客或取消订单"),
    "CAPTURED_ELSEWHERE": _("有人在 Stripe 后台请过款：请在订单页按同样金额请款，账上即补记"),
    "UNKNOWN": _("长时间问不到结果，请到 Stripe 按收款编号核对"),
    "REFUNDED_ELSEWHERE": _("有人在 Stripe 后台退过款，账上没有：请补记"),
    "REFUND_FAILED": _("退款被银行退回，请改用其他方式退给顾客"),
    "DISPUTED": _("持卡人拒付，请在 Stripe 后台限期内提交证据"),
}


@admin.register(StripeCharge)
class StripeChargeAdmin(ReadOnlyAdmin):
    """Charges of cards."""

    list_display = (
        "number", "c_order", "c_state", "c_amount", "c_captured", "c_created", "c_paid", "c_attention", "c_ref"
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), "attention", ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("payment__order",)
    search_fields = ("=number", "=intent_ref", "=payment__order__pk")
    search_help_text = "收款编号、Stripe 编号、订单号"
    details = (
        (None, ("number", "c_order", "c_payment", "c_state", "c_amount", "c_captured", "c_ref")),
        ("时间", ("c_created", "c_paid", "c_expires", "c_next", "check_count", "c_code", "c_attention")),
    )

    c_order = link_to("payment__order", "订单", "o2o_backoffice_order")
    c_payment = link_to("payment", "Saleor 支付", "o2o_backoffice_payment", lambda row: f"#{row.pk}")
    c_state = state("state", "状态", CHARGE)
    c_amount = money("amount", "金额")
    c_captured = money("captured", "已请款")
    c_created = moment("created_at", "创建时间")
    c_paid = moment("paid_at", "扣款时间")
    c_expires = moment("expires_at", "验证截止")
    c_next = moment("next_check_at", "下次检查")
    c_ref = column("intent_ref", "Stripe 编号")
    c_code = column("code", "原因代码")

    @admin.display(description=_("需要处理"))
    def c_attention(self, row: StripeCharge) -> str:
        """In words."""
        return str(ATTENTION.get(row.attention, row.attention)) or "—"

    def tables(self, request: HttpRequest, obj: StripeCharge) -> list[Table]:
        moves = [
            (link("o2o_stripe_pay_stripemove", one.pk, one.number), KIND[one.kind], badge(one.state, MOVE),
             yuan(one.amount), at(one.created_at), at(one.finished_at), one.code or "—")
            for one in obj.moves.order_by("pk")
        ]  # fmt: skip
        return [
            Table("请款、撤销与退款", ("编号", "类型", "状态", "金额", "申请", "完成", "原因"), moves),
            moves_of(obj, CHARGE),
        ]


@admin.register(StripeMove)
class StripeMoveAdmin(ReadOnlyAdmin):
    """Captures, voids and refunds."""

    list_display = (
        "number",
        "c_kind",
        "c_charge",
        "c_order",
        "c_state",
        "c_amount",
        "c_created",
        "c_finished",
        "c_code",
    )
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_select_related = ("charge__payment__order",)
    search_fields = ("=number", "=charge__number", "=charge__payment__order__pk")
    search_help_text = "编号、收款编号、订单号"
    details = (
        (None, ("number", "c_kind", "c_charge", "c_order", "c_state", "c_amount")),
        ("时间", ("c_created", "c_finished", "c_next", "check_count", "c_code")),
    )

    c_kind = state("kind", "类型", KIND)
    c_charge = link_to("charge", "银行卡收款", "o2o_stripe_pay_stripecharge")
    c_order = link_to("charge__payment__order", "订单", "o2o_backoffice_order")
    c_state = state("state", "状态", MOVE)
    c_amount = money("amount", "金额")
    c_created = moment("created_at", "申请时间")
    c_finished = moment("finished_at", "完成时间")
    c_next = moment("next_check_at", "下次检查")
    c_code = column("code", "原因代码")
