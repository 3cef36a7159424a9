"""Refunds of an order's money as they were asked for, and their shares of internal parts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from .intents import PaymentIntent
from .parts import MONEY, PaymentPart


class OrderRefundState(models.TextChoices):
    """Where a refund of an order stands, over all its shares."""

    PROCESSING = "processing", _("退款中")
    SUCCEEDED = "succeeded", _("已全部到账")
    FAILED = "failed", _("部分失败")


@machine("state", terminal={OrderRefundState.SUCCEEDED, OrderRefundState.FAILED})
class OrderRefund(models.Model):
    """One request to give back money of an order, once per `key`. `amount` in yuan, over all shares."""

    intent = models.ForeignKey(
        PaymentIntent, on_delete=models.PROTECT, related_name="order_refunds", verbose_name=_("支付单")
    )
    number = models.CharField(_("退款申请号"), max_length=32, unique=True)
    key = models.CharField(_("请求号"), max_length=80, unique=True, editable=False)
    amount = models.DecimalField(_("退款金额"), **MONEY)
    reason = models.CharField(_("退款原因"), max_length=200, blank=True)
    state = FSMField(
        _("状态"), choices=OrderRefundState.choices, default=OrderRefundState.PROCESSING, protected=True
    )
    requested_by = models.CharField(_("申请人"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("申请时间"), default=now)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("订单退款")
        ordering = ("-pk",)
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_order_refund_positive"),)
        indexes = (
            models.Index(fields=("intent", "-id"), name="o2o_order_refund_of"),
            models.Index(
                fields=("created_at",), name="o2o_order_refund_open", condition=Q(state="processing")
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def has_arrived(self) -> bool:
        """Whether every share has reached the payer."""
        return bool(self.state == OrderRefundState.SUCCEEDED)

    @transition(
        "state", OrderRefundState.PROCESSING, OrderRefundState.SUCCEEDED, custom={"label": _("全部到账")}
    )
    def succeed(self) -> None:
        """Every share has reached the payer."""
        self.finished_at = now()

    @transition(
        "state", OrderRefundState.PROCESSING, OrderRefundState.FAILED, custom={"label": _("部分失败")}
    )
    def fail(self) -> None:
        """The provider gave its share back to us for good; that share can be asked for anew."""
        self.finished_at = now()


class ShareState(models.TextChoices):
    """Whether a share of an internal part has been given back."""

    WAITING = "waiting", _("待人工退回")
    DONE = "done", _("已退回")


@machine("state", terminal={ShareState.DONE})
class PartRefund(models.Model):
    """Money of an internal part that goes back. `amount` in yuan.

    Without `order_refund`: a part that was released although people had taken its money already.
    """

    order_refund = models.ForeignKey(
        OrderRefund,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="shares",
        verbose_name=_("订单退款"),
    )
    part = models.ForeignKey(
        PaymentPart, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("支付部分")
    )
    number = models.CharField(_("退回号"), max_length=32, unique=True)
    amount = models.DecimalField(_("退回金额"), **MONEY)
    state = FSMField(_("状态"), choices=ShareState.choices, default=ShareState.WAITING, protected=True)
    reference = models.CharField(_("退回凭据"), max_length=64, blank=True)
    done_by = models.CharField(_("经办人"), max_length=64, blank=True)
    done_at = models.DateTimeField(_("退回时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("登记时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("部分退回")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("order_refund", "part"), name="o2o_part_refund_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_part_refund_positive"),
        )
        indexes = (
            models.Index(
                fields=("created_at",), name="o2o_part_refund_waiting", condition=Q(state="waiting")
            ),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", ShareState.WAITING, ShareState.DONE, custom={"label": _("退回")})
    def finish(self, reference: str, done_by: str) -> None:
        """The payer has it; `reference` says how, where people gave it back."""
        self.reference = reference
        self.done_by = done_by
        self.done_at = now()
