"""Money that goes back, under numbers of ours."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from ..ports import RefundRef
from .attempts import PaymentAttempt
from .order_refunds import OrderRefund
from .sub_trades import SubTrade


class RefundState(models.TextChoices):
    """Where a refund stands."""

    REQUESTED = "requested", _("待发送")
    PROCESSING = "processing", _("退款中")
    SUCCEEDED = "succeeded", _("已到账")
    ABNORMAL = "abnormal", _("退款异常")
    FAILED = "failed", _("退款失败")


class RefundReason(models.TextChoices):
    """Why money goes back."""

    STAFF = "staff", _("客服退款")
    LATE_PAYMENT = "late_payment", _("订单关闭后到账")
    DUPLICATE_PAYMENT = "duplicate_payment", _("重复支付")
    RECOMPOSED = "recomposed", _("付款方式已变更")
    RISK_REFUSED = "risk_refused", _("风控拒绝")


#: Money that never was the order's: it goes back whole, by itself.
NOT_BOOKED = (
    RefundReason.LATE_PAYMENT,
    RefundReason.DUPLICATE_PAYMENT,
    RefundReason.RECOMPOSED,
    RefundReason.RISK_REFUSED,
)


@machine("state", terminal={RefundState.SUCCEEDED, RefundState.FAILED})
class Refund(models.Model):
    """A refund under a number of ours, written (and booked) before the provider hears of it. ``amount`` in yuan."""

    attempt = models.ForeignKey(
        PaymentAttempt, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("支付尝试")
    )
    order_refund = models.ForeignKey(
        OrderRefund,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="remote",
        verbose_name=_("订单退款"),
    )
    sub_trade = models.ForeignKey(
        SubTrade,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="refunds",
        verbose_name=_("子单"),
    )
    #: Number of the first refund of those that were written together (a refund over several trades).
    batch = models.CharField(_("退款批次"), max_length=32, blank=True, db_index=True)
    number = models.CharField(_("商户退款号"), max_length=32, unique=True)
    amount = models.DecimalField(_("退款金额"), max_digits=12, decimal_places=2)
    reason = models.CharField(_("原因"), max_length=24, choices=RefundReason.choices)
    state = FSMField(_("状态"), choices=RefundState.choices, default=RefundState.REQUESTED, protected=True)
    provider_ref = models.CharField(_("渠道退款号"), max_length=64, blank=True)
    requested_by = models.CharField(_("申请人"), max_length=64, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=64, blank=True)
    next_try_at = models.DateTimeField(_("下次处理"), null=True, blank=True)
    try_count = models.PositiveIntegerField(_("处理次数"), default=0)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("申请时间"), default=now)

    class Meta:
        verbose_name = _("退款单")
        verbose_name_plural = _("退款单")
        ordering = ("-pk",)
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="o2o_refund_due",
                condition=Q(state__in=["requested", "processing", "abnormal"]),
            )
        ]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_refund_positive")]

    def __str__(self) -> str:
        return self.number

    @property
    def account(self) -> str:
        """The merchant account that pays it: the one that took the money."""
        return self.sub_trade.account if self.sub_trade is not None else self.attempt.account

    @property
    def trade_number(self) -> str:
        """The number of the trade it gives back from."""
        return self.sub_trade.number if self.sub_trade is not None else self.attempt.number

    @property
    def trade_amount(self) -> Decimal:
        """What that trade took, in yuan."""
        return self.sub_trade.amount if self.sub_trade is not None else self.attempt.amount

    @property
    def ref(self) -> RefundRef:
        """What a provider is told of it."""
        return RefundRef(self.number, self.account)

    @property
    def books_order(self) -> bool:
        """True when the refund lowers what the order was paid; late and double money was never booked there."""
        return self.reason == RefundReason.STAFF

    @transition("state", RefundState.REQUESTED, RefundState.PROCESSING, custom={"label": _("受理")})
    def mark_processing(self, provider_ref: str) -> None:
        """The provider has accepted it."""
        self.provider_ref = provider_ref
        self.last_error = ""

    @transition(
        "state",
        [RefundState.REQUESTED, RefundState.PROCESSING, RefundState.ABNORMAL],
        RefundState.SUCCEEDED,
        custom={"label": _("到账")},
    )
    def mark_succeeded(self, provider_ref: str, finished_at: datetime) -> None:
        """The payer has the money."""
        self.provider_ref = provider_ref
        self.finished_at = finished_at
        self.next_try_at = None
        self.last_error = ""

    @transition(
        "state",
        [RefundState.REQUESTED, RefundState.PROCESSING],
        RefundState.ABNORMAL,
        custom={"label": _("异常")},
    )
    def mark_abnormal(self, provider_ref: str) -> None:
        """The payer's account cannot take it; people must send it another way."""
        self.provider_ref = provider_ref
        self.last_error = "ABNORMAL"

    @transition(
        "state",
        [RefundState.REQUESTED, RefundState.PROCESSING, RefundState.ABNORMAL],
        RefundState.FAILED,
        custom={"label": _("失败")},
    )
    def mark_failed(self, code: str) -> None:
        """The provider closed or refused it for good."""
        self.last_error = code[:64]
        self.finished_at = now()
        self.next_try_at = None
