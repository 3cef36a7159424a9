"""What providers tell us, stored as it came."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine


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
