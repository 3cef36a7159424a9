"""What happened to an order, for people: append-only."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import TimelineKind


class OrderTimeline(models.Model):
    """One thing that happened: who, when, from where, and what was before and after. A trigger refuses changes.

    The order may be gone (a payment that failed undoes it): the entry stays. Written by `services.timeline.note`.
    """

    order = models.ForeignKey(
        "order.Order", models.DO_NOTHING, db_constraint=False, related_name="o2o_timeline",
        verbose_name=_("订单"),
    )  # fmt: skip
    sub_order = models.ForeignKey(
        "o2o_ordering.SubOrder", models.DO_NOTHING, null=True, blank=True, db_constraint=False,
        related_name="timeline", verbose_name=_("子订单"),
    )  # fmt: skip
    kind = models.CharField(_("事项"), max_length=24, choices=TimelineKind.choices)
    text = models.CharField(_("说明"), max_length=500)
    actor = models.CharField(_("操作者"), max_length=120)
    source = models.CharField(_("来源"), max_length=40, blank=True)
    ip = models.GenericIPAddressField(_("来源地址"), null=True, blank=True)
    before = models.JSONField(_("变更前"), default=dict, blank=True)
    after = models.JSONField(_("变更后"), default=dict, blank=True)
    request_id = models.CharField(_("请求号"), max_length=64, blank=True)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("订单时间线")
        ordering = ("pk",)
        indexes = [models.Index(fields=["order", "at"], name="o2o_timeline_order")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.get_kind_display()}"
