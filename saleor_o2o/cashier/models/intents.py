"""What an order has to be paid, until when, and where that stands."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine


class IntentState(models.TextChoices):
    """Where an order's money stands."""

    PENDING = "pending", _("待支付")
    REVIEW = "review", _("待风控审核")
    PAID = "paid", _("已支付")
    CLOSING = "closing", _("关闭中")
    CLOSED = "closed", _("已关闭")


#: Why an intent was closed whose order is paid another way and lives on.
REPLACED = "REPLACED"
#: Why an intent was closed whose money had arrived: people refused it, and what came goes back.
RISK_REFUSED = "RISK_REFUSED"


@machine("state", terminal={IntentState.PAID, IntentState.CLOSED})
class PaymentIntent(models.Model):
    """What an order has to be paid, until when, and through which provider. Amounts in yuan.

    ``covered`` is the sum of its internal parts that live (`PaymentPart`); the rest is the provider's. ``risk`` says
    why people must look before the money counts; empty: nobody need.
    """

    number = models.CharField(_("支付单号"), max_length=32, unique=True)
    order = models.ForeignKey(
        "order.Order", on_delete=models.PROTECT, related_name="payment_intents", verbose_name=_("订单")
    )
    payment = models.OneToOneField(
        "payment.Payment", on_delete=models.PROTECT, related_name="intent", verbose_name=_("Saleor 支付")
    )
    gateway = models.CharField(_("支付渠道"), max_length=64)
    state = FSMField(_("状态"), choices=IntentState.choices, default=IntentState.PENDING, protected=True)
    amount = models.DecimalField(_("应付金额"), max_digits=12, decimal_places=2)
    covered = models.DecimalField(_("内部支付金额"), max_digits=12, decimal_places=2, default=Decimal("0.00"))
    misses = models.PositiveSmallIntegerField(_("卡号输错次数"), default=0, editable=False)
    risk = models.CharField(_("风控原因"), max_length=100, blank=True)
    currency = models.CharField(_("币种"), max_length=3)
    expires_at = models.DateTimeField(_("支付截止"))
    paid_at = models.DateTimeField(_("支付时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("关闭时间"), null=True, blank=True)
    close_reason = models.CharField(_("关闭原因"), max_length=32, blank=True)
    next_check_at = models.DateTimeField(_("下次检查"), null=True, blank=True)
    check_count = models.PositiveIntegerField(_("检查次数"), default=0)
    attention = models.CharField(_("需要处理"), max_length=64, blank=True)
    redirect_url = models.TextField(_("订单页地址"), blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("支付单")
        verbose_name_plural = _("支付单")
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["expires_at"], name="o2o_intent_open", condition=Q(state="pending")),
            models.Index(fields=["next_check_at"], name="o2o_intent_closing", condition=Q(state="closing")),
            models.Index(fields=["state", "created_at"], name="o2o_intent_state_created"),
            models.Index(fields=["created_at"], name="o2o_intent_review", condition=Q(state="review")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(covered__gte=0) & Q(covered__lte=F("amount")), name="o2o_intent_covered_within"
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def remote_due(self) -> Decimal:
        """What internal parts leave for the provider, in yuan."""
        return self.amount - self.covered

    @transition(
        "state",
        [IntentState.PENDING, IntentState.CLOSING, IntentState.REVIEW],
        IntentState.PAID,
        custom={"label": _("确认到账")},
    )
    def mark_paid(self, paid_at: datetime) -> None:
        """The money is here."""
        self.paid_at = paid_at
        self.next_check_at = None

    @transition(
        "state",
        [IntentState.PENDING, IntentState.CLOSING],
        IntentState.REVIEW,
        custom={"label": _("等待审核")},
    )
    def start_review(self) -> None:
        """The money is complete; people decide whether it counts."""
        self.next_check_at = None

    @transition(
        "state",
        [IntentState.PENDING, IntentState.REVIEW],
        IntentState.CLOSING,
        custom={"label": _("开始关闭")},
    )
    def start_closing(self, close_reason: str) -> None:
        """No more payments; the provider is told next."""
        self.close_reason = close_reason
        self.next_check_at = now()
        self.check_count = 0

    @transition("state", IntentState.CLOSING, IntentState.CLOSED, custom={"label": _("关闭")})
    def close(self) -> None:
        """The provider has closed every attempt."""
        self.closed_at = now()
        self.next_check_at = None
