"""Codes by text message."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..kinds import Purpose
from .sms import SmsMessage


class VerificationCode(models.Model):
    """A code that was asked for: kept as a keyed digest, good for one purpose, one number, once, for five minutes.

    Only the newest of a number and purpose counts. Rows are also what the limits count. `message` is empty where none
    was sent: nobody may learn from a code whether a number is a member's.
    """

    ticket = models.UUIDField(_("查询号"), unique=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(_("用途"), max_length=16, choices=Purpose.choices)
    mobile_index = models.CharField(max_length=64, editable=False)
    network_index = models.CharField(max_length=64, editable=False)
    device_index = models.CharField(max_length=64, blank=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    failures = models.PositiveSmallIntegerField(_("错误次数"), default=0)
    asked_at = models.DateTimeField(_("时间"), default=now, db_index=True)
    expires_at = models.DateTimeField(_("有效至"))
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)
    message = models.ForeignKey(
        SmsMessage, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("短信")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("验证码")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("mobile_index", "-asked_at"), name="o2o_members_code_mobile"),
            models.Index(fields=("network_index", "-asked_at"), name="o2o_members_code_network"),
            models.Index(fields=("device_index", "-asked_at"), name="o2o_members_code_device"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"
