"""How each order stands at its upstream distributor, by its three counters."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now


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
