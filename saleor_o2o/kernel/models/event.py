"""Stored events and their deliveries."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..clock import now


class EventRecord(models.Model):
    """A fact that was published, stored in the transaction that made it true (the outbox)."""

    name = models.CharField(_("事件"), max_length=100)
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    payload = models.JSONField(_("内容"))
    key = models.CharField(_("业务编号"), max_length=120, blank=True)
    occurred_at = models.DateTimeField(_("发生时间"), default=now)
    request_id = models.CharField(_("请求号"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("事件")
        verbose_name_plural = _("事件")
        ordering = ("pk",)
        indexes = (models.Index(fields=("name", "key"), name="o2o_event_name_key"),)

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class EventDelivery(models.Model):
    """One event's way to one receiver; finished at most once."""

    class Status(models.TextChoices):
        PENDING = "pending", _("待投递")
        DONE = "done", _("已投递")
        DEAD = "dead", _("已放弃")
        SKIPPED = "skipped", _("插件停用，已跳过")

    event = models.ForeignKey(
        EventRecord, verbose_name=_("事件"), related_name="deliveries", on_delete=models.CASCADE
    )
    receiver = models.CharField(_("接收者"), max_length=200)
    plugin = models.CharField(_("插件"), max_length=64, blank=True)
    position = models.IntegerField(_("顺序"), default=100)
    status = models.CharField(_("状态"), max_length=16, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    last_error = models.CharField(_("最近错误码"), max_length=100, blank=True)
    next_attempt_at = models.DateTimeField(_("下次投递时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("事件投递")
        verbose_name_plural = _("事件投递")
        ordering = ("event_id", "position", "receiver")
        constraints = (
            models.UniqueConstraint(fields=("event", "receiver"), name="o2o_delivery_event_receiver"),
        )
        indexes = (
            models.Index(
                fields=("next_attempt_at",),
                condition=models.Q(status="pending"),
                name="o2o_delivery_pending",
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id} → {self.receiver}"
