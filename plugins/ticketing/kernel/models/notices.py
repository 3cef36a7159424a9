"""What suppliers told us by themselves, as it came."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from ..choices import NoticeState


class SupplierNotice(models.Model):
    """A call-back as it came, also one that is refused. `body` may have names and what tickets are fetched with, or
    codes that let people in: it is encrypted.

    `adapter`: whose it is, as `SupplierAccount.adapter`. `number` is the supplier's own for it: the same again is the
    same notice, `copies` counts; one that cannot be believed has none. `kind`: as its `NoticeSource` names it.
    `subject`: our number, or what it is about.
    """

    adapter = models.CharField(_("供应商接口"), max_length=40)
    number = models.CharField(_("通知号"), max_length=64, blank=True, default="")
    kind = models.CharField(_("内容"), max_length=20, blank=True)
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
        verbose_name = verbose_name_plural = _("供应商通知")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("adapter", "number"), condition=~Q(number=""), name="o2o_ticketing_notice_once"
            ),
        )
        indexes = (
            models.Index(fields=("next_at",), condition=Q(state="waiting"), name="o2o_ticketing_notice_due"),
        )

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"
