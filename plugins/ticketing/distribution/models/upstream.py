"""What upstream distributors told us, as it came; and how each order stands there, by its three counters."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from ..choices import NoticeKind, NoticeState


class SupplierNotice(models.Model):
    """A notice as it came, also one that is refused. `body` has codes that let people in: it is encrypted.

    `number` is the distributor's: the same again is the same notice, `copies` counts. One that cannot be believed has
    none.
    """

    number = models.CharField(_("通知号"), max_length=64, blank=True, default="")
    kind = models.CharField(_("通知"), max_length=20, choices=NoticeKind.choices, blank=True)
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
        verbose_name = verbose_name_plural = _("上游通知")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("number",), condition=~Q(number=""), name="o2o_distribution_notice_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("next_at",), condition=Q(state="waiting"), name="o2o_distribution_notice_due"
            ),
        )

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"


class UpstreamStanding(models.Model):
    """How a ticket order stands at its distributor: pieces ordered, used and given back, as it said last.

    `counted`: people by our ticket's number that were counted as used because it said so; what our own gates let in is
    not among them. `attention`: what does not fit with our tickets and a person has to look at.
    """

    ticket_order = models.OneToOneField(
        "o2o_ticketing.TicketOrder", models.CASCADE, related_name="upstream", verbose_name=_("票务订单")
    )
    ordered = models.PositiveIntegerField(_("订票数"), default=0)
    used = models.PositiveIntegerField(_("已用数"), default=0)
    refunded = models.PositiveIntegerField(_("已退数"), default=0)
    counted = models.JSONField(default=dict)
    refund_status = models.CharField(_("退票状态"), max_length=12, blank=True)
    attention = models.CharField(_("异常"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("查询时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("上游订单状态")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("asked_at",), name="o2o_distribution_asked"),)

    def __str__(self) -> str:
        return str(self.ticket_order)
