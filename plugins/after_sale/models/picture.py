"""Evidence in pictures."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import Party
from .after_sale import AfterSale
from .complaint import Complaint


class Picture(models.Model):
    """A picture, encoded anew by us, kept in the database: no address leads to it but scoped ones."""

    order = models.ForeignKey("order.Order", models.CASCADE, related_name="+", verbose_name=_("订单"))
    after_sale = models.ForeignKey(
        AfterSale, models.CASCADE, null=True, blank=True, related_name="pictures", verbose_name=_("售后单")
    )
    complaint = models.ForeignKey(
        Complaint, models.CASCADE, null=True, blank=True, related_name="pictures", verbose_name=_("投诉单")
    )
    party = models.CharField(_("提交方"), max_length=10, choices=Party.choices)
    content = models.BinaryField()
    width = models.PositiveIntegerField(_("宽"))
    height = models.PositiveIntegerField(_("高"))
    created_at = models.DateTimeField(_("上传时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("凭证图片")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.order_id} {self.pk}"
