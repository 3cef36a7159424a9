"""What the coach networks told us, as it came."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from .told import NoticeKind, NoticeState


class NetworkNotice(models.Model):
    """A call-back as it came, also one that is refused. `body` has names and what tickets are fetched with: encrypted.

    `number` is the network's own for it: the same again is the same call-back, `copies` counts; one that cannot be
    believed has none. `subject`: our number, or the bus or ticket that it is about.
    """

    adapter = models.CharField(_("客票网"), max_length=40)
    number = models.CharField(_("回调号"), max_length=64, blank=True, default="")
    kind = models.CharField(_("内容"), max_length=14, choices=NoticeKind.choices, blank=True)
    subject = models.CharField(_("关于"), max_length=64, blank=True)
    body = EncryptedTextField()
    state = models.CharField(
        _("状态"), max_length=8, choices=NoticeState.choices, default=NoticeState.WAITING
    )
    why = models.CharField(_("说明"), max_length=200, blank=True)
    copies = models.PositiveIntegerField(_("收到次数"), default=1)
    tries = models.PositiveSmallIntegerField(_("处理次数"), default=0)
    next_at = models.DateTimeField(_("下次处理"), null=True, blank=True, default=now)
    received_at = models.DateTimeField(_("收到时间"), default=now)
    done_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("客票网回调")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("adapter", "number"), condition=~Q(number=""), name="o2o_coach_notice_once"
            ),
        )
        indexes = (
            models.Index(fields=("next_at",), condition=Q(state="waiting"), name="o2o_coach_notice_due"),
        )

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"
