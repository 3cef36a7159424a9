"""Coupons that may be had for points: which, for how many, from when to when."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now


class CouponSwap(models.Model):
    """A coupon for so many points. How many there are, how many each member may have, for whom and for how long it is
    good is the coupon template's word. What it costs is never rewritten: it is ended, another is made.
    """

    code = models.CharField(_("兑换编号"), max_length=24, unique=True, editable=False)
    owner = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("发布机构")
    )
    template = models.ForeignKey(
        "o2o_coupons.CouponTemplate", models.PROTECT, related_name="+", verbose_name=_("优惠券")
    )
    points = models.PositiveIntegerField(
        _("每张积分"), validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    opens_at = models.DateTimeField(_("开始时间"), default=now)
    closes_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    made_at = models.DateTimeField(_("建立时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("兑换优惠券")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(points__gte=1), name="o2o_mall_swap_points"),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="o2o_mall_swap_dates",
            ),
        )

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """Raises ValidationError for an end before the beginning."""
        if self.closes_at is not None and self.opens_at is not None and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": _("结束时间须晚于开始时间")})
