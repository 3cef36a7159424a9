"""What each line of an order gave its buyer, and what of it went back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .ledger import AMOUNT, ZERO, Entry


class OrderEarning(models.Model):
    """What a line of an order was good for when it was given, by the rules of that moment.

    `points` and `growth` are for all of `paid` (yuan); `kept_points` and `kept_growth` are what the member has of them
    as things stand, in proportion to what did not go back. Written under the member's purses' lock.
    """

    order_line = models.OneToOneField(
        "order.OrderLine", models.CASCADE, related_name="o2o_earning", verbose_name=_("订单行")
    )
    order = models.ForeignKey(
        "order.Order", models.CASCADE, related_name="o2o_earnings", verbose_name=_("订单")
    )
    member = models.ForeignKey("o2o_members.Member", models.PROTECT, related_name="+", verbose_name=_("会员"))
    entry = models.ForeignKey(
        Entry, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("积分入账")
    )
    growth_entry = models.ForeignKey(
        Entry, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("成长值入账")
    )
    paid = models.DecimalField(_("实付金额"), **AMOUNT)
    points = models.PositiveIntegerField(_("应得积分"), default=0)
    growth = models.PositiveIntegerField(_("应得成长值"), default=0)
    kept_points = models.PositiveIntegerField(_("现有积分"), default=0)
    kept_growth = models.PositiveIntegerField(_("现有成长值"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("订单积分")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(kept_points__lte=F("points")) & Q(kept_growth__lte=F("growth")),
                name="o2o_loyalty_earning_kept",
            ),
        )

    def __str__(self) -> str:
        return f"{self.order_id}: {self.points}"


class LineBack(models.Model):
    """Money of an order line (none: of the freight) that an after-sale gave back, in yuan; written once."""

    after_sale_id = models.BigIntegerField(_("售后单"))
    order = models.ForeignKey("order.Order", models.CASCADE, related_name="+", verbose_name=_("订单"))
    order_line = models.ForeignKey(
        "order.OrderLine", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("订单行")
    )
    amount = models.DecimalField(_("退款金额"), **AMOUNT, default=ZERO)

    class Meta:
        verbose_name = verbose_name_plural = _("订单行退款")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("after_sale_id", "order_line"), nulls_distinct=False, name="o2o_loyalty_back_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.order_line_id}: {self.amount}"
