"""Rules as dated data: what is given for what, and what a point is worth between units."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.choices import BusinessLine

from ..kinds import Occasion


class EarnRule(models.Model):
    """What an occasion gives while the rule is in force. No row, nothing given.

    By what was paid (`rate` points a yuan) or a fixed number (`points`); growth alike. Of the rules in force the one
    for the goods' category (or one above it) counts before the one for the business line, that before the one for
    all, then the latest. `months`: points are good until the end of the month so many months later; nothing: for ever.
    """

    occasion = models.CharField(_("场合"), max_length=10, choices=Occasion.choices, default=Occasion.ORDER)
    line = models.CharField(_("业务线"), max_length=16, choices=BusinessLine.choices, blank=True, default="")
    category = models.ForeignKey(
        "product.Category",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("商品分类"),
    )
    rate = models.DecimalField(
        _("每元积分"), max_digits=6, decimal_places=2, default=0, validators=[MinValueValidator(Decimal(0))]
    )
    growth_rate = models.DecimalField(
        _("每元成长值"), max_digits=6, decimal_places=2, default=0, validators=[MinValueValidator(Decimal(0))]
    )
    points = models.PositiveIntegerField(_("固定积分"), default=0)
    growth = models.PositiveIntegerField(_("固定成长值"), default=0)
    streak = models.PositiveSmallIntegerField(
        _("连续签到天数"), default=0, help_text=_("每连续签到这么多天另有奖励；0 为没有")
    )
    streak_points = models.PositiveIntegerField(_("连续签到奖励积分"), default=0)
    months = models.PositiveSmallIntegerField(
        _("有效月数"), null=True, blank=True, default=24, help_text=_("到期日为该月月末；空为长期")
    )
    valid_from = models.DateTimeField(_("生效时间"), default=now)
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("积分规则")
        ordering = ("occasion", "line", "-valid_from")
        constraints = (
            models.CheckConstraint(
                condition=Q(rate__gte=0) & Q(growth_rate__gte=0), name="o2o_loyalty_rule_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="o2o_loyalty_rule_dates",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_occasion_display())


class SettlementRate(models.Model):
    """What the unit that issued a point pays, from a day on, to the unit that takes it: yuan per hundred points."""

    per_hundred = models.DecimalField(
        _("每百分清算价（元）"), max_digits=8, decimal_places=4, validators=[MinValueValidator(Decimal(0))]
    )
    valid_from = models.DateTimeField(_("生效时间"), unique=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("积分清算价")
        ordering = ("-valid_from",)
        constraints = (
            models.CheckConstraint(condition=Q(per_hundred__gte=0), name="o2o_loyalty_rate_not_negative"),
        )

    def __str__(self) -> str:
        return str(self.per_hundred)


class DeductRule(models.Model):
    """How much of goods points may pay at a checkout, while the rule is in force; no row for all goods: nothing.

    `percent` of what is left of a line, at most; 0 switches goods of a category off. What a hundred points are worth
    at the checkout is said by the rule for all goods.
    """

    category = models.ForeignKey(
        "product.Category", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("商品分类"),
        help_text=_("空：全部商品"),
    )  # fmt: skip
    percent = models.PositiveSmallIntegerField(
        _("最多抵扣（%）"), default=0, validators=[MaxValueValidator(100)], help_text=_("0 为不能用积分")
    )
    per_hundred = models.DecimalField(
        _("每百分抵（元）"), max_digits=6, decimal_places=2, default=1, validators=[MinValueValidator(Decimal(0))],
        help_text=_("按“全部商品”的规则计"),
    )  # fmt: skip
    valid_from = models.DateTimeField(_("生效时间"), default=now)
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("积分抵扣规则")
        ordering = ("-valid_from", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(percent__lte=100) & Q(per_hundred__gte=0), name="o2o_loyalty_deduct_share"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="o2o_loyalty_deduct_dates",
            ),
        )

    def __str__(self) -> str:
        return f"{self.percent}%"
