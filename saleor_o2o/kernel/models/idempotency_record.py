"""What was done under a key, and its answer."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..clock import now


class IdempotencyRecord(models.Model):
    """A piece of work that a client named with a key: done at most once, its answer kept for replay.

    The response holds ids and amounts, never personal data or tokens.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("处理中")
        FINISHED = "finished", _("已完成")
        FAILED = "failed", _("已拒绝")

    scope = models.CharField(_("业务"), max_length=100)
    key = models.CharField(_("幂等键"), max_length=200)
    fingerprint = models.CharField(_("请求指纹"), max_length=64)
    status = models.CharField(_("状态"), max_length=16, choices=Status.choices, default=Status.RUNNING)
    response = models.JSONField(_("应答"), null=True, blank=True)
    claim = models.UUIDField(_("占用标识"))
    lease_until = models.DateTimeField(_("占用到期"))
    attempts = models.PositiveIntegerField(_("次数"), default=1)
    created_at = models.DateTimeField(_("创建时间"), default=now)
    expires_at = models.DateTimeField(_("失效时间"), db_index=True)

    class Meta:
        verbose_name = _("幂等记录")
        verbose_name_plural = _("幂等记录")
        constraints = (models.UniqueConstraint(fields=("scope", "key"), name="o2o_idempotency_scope_key"),)

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
