"""What each member bought, counted beforehand, so that a segment of a hundred thousand is counted at once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now


class MemberFigures(models.Model):
    """Of paid orders that did not go back whole: when the first and the last, how many and how much in twelve months.

    Yuan, less what was refunded. Written by the job and by news of orders; a member without orders may have no row.
    """

    member = models.OneToOneField(
        "o2o_members.Member",
        models.CASCADE,
        primary_key=True,
        related_name="o2o_figures",
        verbose_name=_("会员"),
    )
    first_at = models.DateTimeField(_("首次购买"), null=True, blank=True)
    last_at = models.DateTimeField(_("最近购买"), null=True, blank=True)
    orders = models.PositiveIntegerField(_("累计单数"), default=0)
    spent = models.DecimalField(_("累计金额"), max_digits=14, decimal_places=2, default=0)
    orders_year = models.PositiveIntegerField(_("12 个月单数"), default=0)
    spent_year = models.DecimalField(_("12 个月金额"), max_digits=14, decimal_places=2, default=0)
    counted_at = models.DateTimeField(_("统计时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员消费统计")
        indexes = (
            models.Index(fields=("last_at",), name="o2o_member_ops_last"),
            models.Index(fields=("counted_at",), name="o2o_member_ops_counted"),
        )

    def __str__(self) -> str:
        return f"#{self.member_id}"
