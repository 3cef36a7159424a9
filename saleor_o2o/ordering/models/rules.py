"""Rules as data: which business line a product type is, how a shipping method hands over, how long the clocks run."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ..choices import BusinessLine, DeliveryMode, TimerKind


class ProductTypeLine(models.Model):
    """The business line of a product type, and how its goods are handed over if not as usual.

    Usual: what needs shipping is delivered, anything else needs no delivery. A type without a row is goods.
    """

    product_type = models.OneToOneField(
        "product.ProductType", models.CASCADE, primary_key=True, related_name="o2o_line",
        verbose_name=_("商品类型"),
    )  # fmt: skip
    line = models.CharField(
        _("业务线"), max_length=16, choices=BusinessLine.choices, default=BusinessLine.GOODS
    )
    mode = models.CharField(_("交付方式"), max_length=10, choices=DeliveryMode.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("商品类型业务线")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.product_type_id}: {self.get_line_display()}"


class ShippingMethodMode(models.Model):
    """A shipping method whose goods are not delivered but fetched (网点自提). A method without a row delivers."""

    shipping_method = models.OneToOneField(
        "shipping.ShippingMethod", models.CASCADE, primary_key=True, related_name="o2o_mode",
        verbose_name=_("配送方式"),
    )  # fmt: skip
    mode = models.CharField(
        _("交付方式"), max_length=10, choices=DeliveryMode.choices, default=DeliveryMode.PICKUP
    )

    class Meta:
        verbose_name = verbose_name_plural = _("配送方式的交付方式")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.shipping_method_id}: {self.get_mode_display()}"


class TimerRule(models.Model):
    """How many minutes a clock runs for orders made while the rule is in force.

    Of the rules in force at a moment the one for the business line counts before the one for all; then the latest.
    Changing a rule never moves the clock of an order that exists: end it and write the next one.
    """

    kind = models.CharField(_("计时"), max_length=12, choices=TimerKind.choices)
    line = models.CharField(_("业务线"), max_length=16, choices=BusinessLine.choices, blank=True)
    minutes = models.PositiveIntegerField(_("时长（分钟）"), validators=[MinValueValidator(1)])
    valid_from = models.DateTimeField(_("生效时间"))
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("订单计时规则")
        ordering = ("kind", "line", "-valid_from")
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="o2o_timer_positive"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="o2o_timer_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_line_display() or _('全部业务线')}"
