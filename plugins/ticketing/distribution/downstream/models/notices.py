"""What a reseller is told: written with what it is about, sent afterwards until it is taken."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import NoticeKind, NoticeState
from .accounts import Reseller


class ResellerNotice(models.Model):
    """A notice with a number of its own, which stays however often it is sent. No codes, no personal data in it.

    Of one `subject` (an order, a product, a session) an earlier one is sent before a later one.
    """

    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="notices", verbose_name=_("分销商"))
    number = models.CharField(_("通知号"), max_length=24, unique=True)
    kind = models.CharField(_("通知"), max_length=20, choices=NoticeKind.choices)
    subject = models.CharField(_("关于"), max_length=64)
    body = models.JSONField(_("内容"), default=dict)
    state = models.CharField(
        _("状态"), max_length=8, choices=NoticeState.choices, default=NoticeState.WAITING
    )
    tries = models.PositiveSmallIntegerField(_("发送次数"), default=0)
    answer = models.CharField(_("对方应答"), max_length=80, blank=True)
    next_at = models.DateTimeField(_("下次发送"), null=True, blank=True, default=now)
    made_at = models.DateTimeField(_("生成时间"), default=now)
    done_at = models.DateTimeField(_("送达时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("渠道通知")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("next_at",), condition=Q(state="waiting"), name="o2o_resale_notice_due"),
            models.Index(fields=("reseller", "id"), name="o2o_resale_notice_of"),
        )

    def __str__(self) -> str:
        return self.number
