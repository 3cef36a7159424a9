"""By which ways a kind of coupon reaches members."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import Mode

#: Directly given coupons need no row of this: whoever gives them says why. What points buy is the points mall's.
MODES = [choice for choice in Mode.choices if choice[0] not in (Mode.DIRECT, Mode.POINTS)]


class CouponGiving(models.Model):
    """While it runs, members get coupons of a template in one way. `least` (yuan): what an order must have cost.

    `channel`: whose code is scanned; empty: any outlet's. `pieces`: how many coupons at a time.
    """

    template = models.ForeignKey(
        "CouponTemplate", models.PROTECT, related_name="givings", verbose_name=_("优惠券")
    )
    mode = models.CharField(_("发放方式"), max_length=12, choices=MODES, default=Mode.CLAIM)
    starts_at = models.DateTimeField(_("开始"), default=now)
    ends_at = models.DateTimeField(_("结束"), null=True, blank=True)
    pieces = models.PositiveSmallIntegerField(
        _("每次张数"), default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    least = models.DecimalField(_("订单满（元）"), max_digits=10, decimal_places=2, default=0)
    channel = models.ForeignKey(
        "o2o_channels.Channel",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("网点"),
    )
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("发放活动")
        ordering = ("-pk",)
        indexes = [models.Index(fields=["mode", "starts_at"], name="o2o_coupon_giving_mode")]

    def __str__(self) -> str:
        return f"{self.get_mode_display()}：{self.template}"
