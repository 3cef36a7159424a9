"""Rows of the cashier: an intent per order, attempts and refunds under numbers of ours, and the notification inbox."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine


class IntentState(models.TextChoices):
    """Where an order's money stands."""

    PENDING = "pending", _("待支付")
    PAID = "paid", _("已支付")
    CLOSING = "closing", _("关闭中")
    CLOSED = "closed", _("已关闭")


#: Why an intent was closed whose order is paid another way and lives on.
REPLACED = "REPLACED"


@machine("state", terminal={IntentState.PAID, IntentState.CLOSED})
class PaymentIntent(models.Model):
    """What an order has to be paid, until when, and through which provider. ``amount`` in yuan."""

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
        ]

    def __str__(self) -> str:
        return self.number

    @transition(
        "state", [IntentState.PENDING, IntentState.CLOSING], IntentState.PAID, custom={"label": _("确认到账")}
    )
    def mark_paid(self, paid_at: datetime) -> None:
        """The money is here."""
        self.paid_at = paid_at
        self.next_check_at = None

    @transition("state", IntentState.PENDING, IntentState.CLOSING, custom={"label": _("开始关闭")})
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


class AttemptState(models.TextChoices):
    """Where one trade at the provider stands."""

    CREATED = "created", _("已登记")
    OPEN = "open", _("待付款")
    PAID = "paid", _("已付款")
    CLOSED = "closed", _("已关闭")


#: An attempt in one of these may take money any moment.
OPEN_STATES = (AttemptState.CREATED, AttemptState.OPEN)


@machine("state", terminal={AttemptState.PAID})
class PaymentAttempt(models.Model):
    """One trade at the provider under a number of ours, written before the provider hears of it.

    A closed attempt can still become paid: a payer who was typing the password when we closed.
    """

    intent = models.ForeignKey(
        PaymentIntent, on_delete=models.PROTECT, related_name="attempts", verbose_name=_("支付单")
    )
    number = models.CharField(_("商户订单号"), max_length=32, unique=True)
    method = models.CharField(_("支付方式"), max_length=24)
    state = FSMField(_("状态"), choices=AttemptState.choices, default=AttemptState.CREATED, protected=True)
    payer_id = models.CharField(_("付款人标识"), max_length=128, blank=True)
    payer_ip = models.GenericIPAddressField(_("付款人地址"), null=True, blank=True)
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2)
    expires_at = models.DateTimeField(_("支付截止"))
    provider_ref = models.CharField(_("渠道交易号"), max_length=64, blank=True)
    paid_at = models.DateTimeField(_("付款时间"), null=True, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=64, blank=True)
    next_query_at = models.DateTimeField(_("下次查询"), null=True, blank=True)
    query_count = models.PositiveIntegerField(_("查询次数"), default=0)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("支付尝试")
        verbose_name_plural = _("支付尝试")
        ordering = ("-pk",)
        indexes = [
            models.Index(
                fields=["next_query_at"], name="o2o_attempt_query", condition=Q(state__in=["created", "open"])
            )
        ]

    def __str__(self) -> str:
        return self.number

    @transition(
        "state", [AttemptState.CREATED, AttemptState.OPEN], AttemptState.OPEN, custom={"label": _("下单")}
    )
    def mark_open(self) -> None:
        """The provider knows the trade and waits for the payer."""
        self.last_error = ""

    @transition(
        "state",
        [AttemptState.CREATED, AttemptState.OPEN, AttemptState.CLOSED],
        AttemptState.PAID,
        custom={"label": _("付款")},
    )
    def mark_paid(self, paid_at: datetime, provider_ref: str) -> None:
        """The provider has the payer's money."""
        self.paid_at = paid_at
        self.provider_ref = provider_ref
        self.next_query_at = None

    @transition(
        "state", [AttemptState.CREATED, AttemptState.OPEN], AttemptState.CLOSED, custom={"label": _("关闭")}
    )
    def mark_closed(self) -> None:
        """The provider takes no payment for it any more."""
        self.next_query_at = None


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


@machine("state", terminal={RefundState.SUCCEEDED, RefundState.FAILED})
class Refund(models.Model):
    """A refund under a number of ours, written (and booked) before the provider hears of it. ``amount`` in yuan."""

    attempt = models.ForeignKey(
        PaymentAttempt, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("支付尝试")
    )
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


class NotificationState(models.TextChoices):
    """Where a stored notification stands."""

    RECEIVED = "received", _("待处理")
    PROCESSED = "processed", _("已处理")
    REFUSED = "refused", _("验证未通过")
    DEAD = "dead", _("处理失败")


@machine("state", terminal={NotificationState.PROCESSED, NotificationState.REFUSED})
class Notification(models.Model):
    """A call from a provider, stored as it came before anything is believed of it."""

    gateway = models.CharField(_("支付渠道"), max_length=64)
    external_id = models.CharField(_("通知编号"), max_length=64, null=True, blank=True)  # noqa: DJ001
    kind = models.CharField(_("类型"), max_length=64, blank=True)
    state = FSMField(
        _("状态"), choices=NotificationState.choices, default=NotificationState.RECEIVED, protected=True
    )
    headers = models.JSONField(_("请求头"), default=dict)
    body = models.BinaryField(_("原文"))
    times_seen = models.PositiveIntegerField(_("收到次数"), default=1)
    attempts = models.PositiveIntegerField(_("处理次数"), default=0)
    last_error = models.CharField(_("最近错误"), max_length=64, blank=True)
    next_attempt_at = models.DateTimeField(_("下次处理"), null=True, blank=True)
    received_at = models.DateTimeField(_("收到时间"), default=now)
    processed_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("支付通知")
        verbose_name_plural = _("支付通知")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "external_id"],
                name="o2o_notification_once",
                condition=~Q(state="refused"),
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="o2o_notification_due", condition=Q(state="received")
            )
        ]

    def __str__(self) -> str:
        return self.external_id or f"#{self.pk}"

    @transition(
        "state",
        [NotificationState.RECEIVED, NotificationState.DEAD],
        NotificationState.PROCESSED,
        custom={"label": _("处理完成")},
    )
    def mark_processed(self) -> None:
        """What it says has been done, or had been done before."""
        self.processed_at = now()
        self.last_error = ""
        self.next_attempt_at = None

    @transition("state", NotificationState.RECEIVED, NotificationState.DEAD, custom={"label": _("放弃")})
    def mark_dead(self) -> None:
        """Tried often enough; a person decides."""
        self.next_attempt_at = None

    @transition("state", NotificationState.RECEIVED, NotificationState.REFUSED, custom={"label": _("拒绝")})
    def mark_refused(self, code: str) -> None:
        """Not genuine, too old or unreadable."""
        self.last_error = code[:64]
        self.next_attempt_at = None

    @transition("state", NotificationState.DEAD, NotificationState.RECEIVED, custom={"label": _("重新处理")})
    def revive(self) -> None:
        """A person asked for another try."""
        self.attempts = 0
        self.next_attempt_at = now()
