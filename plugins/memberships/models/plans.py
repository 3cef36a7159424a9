"""What may be bought."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from saleor.product.models import ProductVariant

from saleor_o2o.kernel.clock import now

from ..choices import SOLD, PlanKind


class Plan(models.Model):
    """A membership on offer between two moments. Its price is its variant's; terms keep the price of their day.

    `rank`: of plans of a kind, the higher one is what somebody upgrades to. `agreement`: the version that buyers agree
    to. Plans of other kinds than `SOLD` have no variant: the staff gives them.
    """

    code = models.SlugField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    kind = models.CharField(_("种类"), max_length=8, choices=PlanKind.choices, default=PlanKind.PAID)
    rank = models.PositiveSmallIntegerField(
        _("档次"), default=1, help_text=_("同一种类里，高的可由低的补差价升级")
    )
    months = models.PositiveSmallIntegerField(_("期限（月）"), default=12, validators=[MinValueValidator(1)])
    price = models.DecimalField(
        _("价格（元）"), max_digits=8, decimal_places=2, default=0, validators=[MinValueValidator(Decimal(0))]
    )
    variant = models.OneToOneField(
        ProductVariant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="o2o_plan",
        verbose_name=_("商品规格"),
    )
    card_variant = models.OneToOneField(
        ProductVariant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="o2o_card_plan",
        verbose_name=_("实体卡商品"),
    )
    agreement = models.CharField(_("会员协议版本"), max_length=20, default="2026-11")
    note = models.CharField(_("说明"), max_length=200, blank=True)
    valid_from = models.DateTimeField(_("开售时间"), default=now)
    valid_to = models.DateTimeField(_("停售时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员方案")
        ordering = ("kind", "rank", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(price__gte=0) & Q(months__gte=1), name="o2o_memberships_plan_sane"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="o2o_memberships_plan_dates",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def on_sale(self) -> bool:
        """Whether it may be bought now."""
        return self.kind in SOLD and self.in_force

    @property
    def in_force(self) -> bool:
        """Whether it may be bought, or given, now."""
        return self.valid_from <= now() and (self.valid_to is None or self.valid_to > now())
