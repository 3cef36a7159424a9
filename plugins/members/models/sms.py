"""Text messages, and how many may be asked for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.crypto import EncryptedJSONField, EncryptedTextField
from saleor_o2o.kernel.masking import mask_phone

from ..kinds import LimitSubject, SmsState


class SmsMessage(models.Model):
    """One text message under a number of ours, written before anything is sent.

    `parameters` (encrypted) are emptied when the message is over: a code is nowhere to be read then. Later
    than `expires_at` nobody wants it.
    """

    number = models.CharField(_("短信编号"), max_length=40, unique=True)
    mobile = EncryptedTextField(_("手机号"))
    mobile_index = models.CharField(max_length=64, db_index=True, editable=False)
    template = models.CharField(_("模板"), max_length=40)
    parameters = EncryptedJSONField(_("内容"), default=dict, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=SmsState.choices, default=SmsState.WAITING)
    failure = models.CharField(_("原因"), max_length=40, blank=True)
    receipt = models.CharField(_("平台回执号"), max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    made_at = models.DateTimeField(_("时间"), default=now)
    expires_at = models.DateTimeField(_("有效至"))
    tried_at = models.DateTimeField(_("最近发送"), null=True, blank=True)
    over_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("短信")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("tried_at",),
                condition=models.Q(state__in=("waiting", "sending", "unknown")),
                name="o2o_members_sms_open",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def masked(self) -> str:
        """The number it goes to, as pages show it."""
        return mask_phone(self.mobile)


class SmsLimit(models.Model):
    """No more than `most` codes within `seconds` for one number, network or device, from a day on.

    Of several rows for one subject and span the one that came into force last counts; `most` 0: no limit of this kind.
    Without any row for a subject, the platform's own limits hold.
    """

    subject = models.CharField(_("按什么"), max_length=8, choices=LimitSubject.choices)
    seconds = models.PositiveIntegerField(_("时间（秒）"))
    most = models.PositiveIntegerField(_("最多条数"))
    valid_from = models.DateField(_("生效日期"), default=today)
    note = models.CharField(_("说明"), max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("短信限次")
        ordering = ("subject", "seconds", "-valid_from")
        constraints = (
            models.UniqueConstraint(
                fields=("subject", "seconds", "valid_from"), name="o2o_members_limit_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.seconds}s"
