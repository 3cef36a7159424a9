"""What lowered an order beside stock's sales and voucher: by line, by source, to the fen."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class OrderDeduction(models.Model):
    """An amount (yuan) that a source took off a line of an order, or off its freight; written with the order, kept.

    `reference` is the source's own name of what was used (a coupon's number); `title` what people call it. The order's
    `discount_amount` is the sum of these and of its voucher's discount. The shares say who bears it, where its source
    did when it was taken.
    """

    order = models.ForeignKey(
        "order.Order", models.CASCADE, related_name="o2o_deductions", verbose_name=_("订单")
    )
    order_line = models.ForeignKey(
        "order.OrderLine", models.CASCADE, null=True, blank=True, related_name="o2o_deductions",
        verbose_name=_("订单行"),
    )  # fmt: skip
    source = models.CharField(_("来源"), max_length=20)
    reference = models.CharField(_("凭据"), max_length=40)
    title = models.CharField(_("名称"), max_length=80)
    amount = models.DecimalField(_("抵扣金额"), max_digits=12, decimal_places=2)
    platform_share = models.PositiveSmallIntegerField(_("平台承担（%）"), null=True, blank=True)
    unit_share = models.PositiveSmallIntegerField(_("机构承担（%）"), null=True, blank=True)
    merchant_share = models.PositiveSmallIntegerField(_("商户承担（%）"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("订单抵扣")
        ordering = ("pk",)
        indexes = [models.Index(fields=["source", "reference"], name="o2o_deduction_reference")]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "order_line", "source", "reference"],
                name="o2o_deduction_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_deduction_is_something"),
            models.CheckConstraint(
                condition=Q(platform_share=None, unit_share=None, merchant_share=None)
                | Q(platform_share=100 - F("unit_share") - F("merchant_share")),
                name="o2o_deduction_shares_sum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.reference}: {self.amount}"
