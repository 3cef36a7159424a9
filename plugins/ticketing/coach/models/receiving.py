"""Passengers at a counter that did not sell to them: what they proved, and until when their order is served there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import now

from ..choices import ReceiveWay


class Reception(models.Model):
    """One try of a clerk to find a passenger's order. Nothing that was typed is kept.

    `until`: so long the clerk may serve this order, as if it were his unit's; empty where the proof was wrong.
    `ticket_order` is then the order that was guessed at, if there is one. A try that found several orders has a row for
    each; only the `first` of them counts as a try of the clerk.
    """

    ticket_order = models.ForeignKey(
        TicketOrder, models.PROTECT, null=True, blank=True, related_name="coach_receptions",
        verbose_name=_("票务订单"),
    )  # fmt: skip
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("接待机构")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("营业员")
    )
    way = models.CharField(_("凭什么找到"), max_length=8, choices=ReceiveWay.choices)
    at = models.DateTimeField(_("时间"), default=now)
    until = models.DateTimeField(_("可办理至"), null=True, blank=True)
    first = models.BooleanField(default=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("旅客接待记录")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("by", "until"), condition=Q(until__isnull=False), name="o2o_coach_reception_open"
            ),
            models.Index(fields=("by", "at"), condition=Q(until=None), name="o2o_coach_reception_wrong"),
            models.Index(
                fields=("ticket_order", "at"), condition=Q(until=None), name="o2o_coach_reception_tried"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.at:%m-%d %H:%M}"
