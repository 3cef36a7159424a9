"""会员价: dated rules by level, own prices of single goods, and what they cost whom."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..kinds import PriceEntryKind
from .levels import Level


class Borne(models.Model):
    """Who pays the difference to the shop's price, in percent; in force from a moment until another."""

    platform_share = models.PositiveSmallIntegerField(
        _("平台承担（%）"), default=100, validators=[MaxValueValidator(100)]
    )
    unit_share = models.PositiveSmallIntegerField(
        _("机构承担（%）"), default=0, validators=[MaxValueValidator(100)], help_text=_("订单归属的机构")
    )
    merchant_share = models.PositiveSmallIntegerField(
        _("商户承担（%）"), default=0, validators=[MaxValueValidator(100)], help_text=_("自营商品由平台承担")
    )
    valid_from = models.DateTimeField(_("生效时间"), default=now)
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        abstract = True

    @property
    def shares(self) -> tuple[int, int, int]:
        """Percents of platform, unit and merchant."""
        return self.platform_share, self.unit_share, self.merchant_share

    def clean(self) -> None:
        """Raises ValidationError for shares that are not a whole, and for an end before the beginning."""
        shares: list[Any] = [self.platform_share, self.unit_share, self.merchant_share]
        if None not in shares and sum(shares) != 100:
            raise ValidationError({"platform_share": _("平台、机构、商户承担的比例合计须为 100%")})
        if self.valid_to is not None and self.valid_from is not None and self.valid_to <= self.valid_from:
            raise ValidationError({"valid_to": _("失效时间须晚于生效时间")})


def _checks(prefix: str) -> list[Any]:
    return [
        models.CheckConstraint(
            condition=Q(platform_share=100 - F("unit_share") - F("merchant_share")), name=f"{prefix}_shares"
        ),
        models.CheckConstraint(
            condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=f"{prefix}_dates"
        ),
    ]


class MemberPriceRule(Borne):
    """What members of a level, and of those above it, pay of the ordinary price of goods; no row, no member price.

    `percent`: 95 is 九五折; 100 switches goods of a category off. Of the rules the ones for the goods' nearest category
    count, of these the lowest.
    """

    level = models.ForeignKey(
        Level, models.PROTECT, related_name="+", verbose_name=_("会员等级"), help_text=_("该等级及以上的会员")
    )
    category = models.ForeignKey(
        "product.Category", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("商品分类"),
        help_text=_("空：全部商品；有分类的先于全部商品，近的分类先于远的"),
    )  # fmt: skip
    percent = models.PositiveSmallIntegerField(
        _("按原价的（%）"),
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("95 即九五折；100 即该分类不打折"),
    )
    own_goods = models.BooleanField(_("仅自营商品"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员折扣")
        ordering = ("-valid_from", "-pk")
        constraints = (
            *_checks("o2o_loyalty_price_rule"),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100), name="o2o_loyalty_price_rule_percent"
            ),
        )

    def __str__(self) -> str:
        return f"{self.level} {self.percent}%"


class MemberPrice(Borne):
    """The price (yuan) of a variant for members of a level and of those above it."""

    variant = models.ForeignKey(
        "product.ProductVariant", models.CASCADE, related_name="+", verbose_name=_("商品规格")
    )
    level = models.ForeignKey(
        Level, models.PROTECT, related_name="+", verbose_name=_("会员等级"), help_text=_("该等级及以上的会员")
    )
    price = models.DecimalField(
        _("专享价（元）"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )

    class Meta:
        verbose_name = verbose_name_plural = _("会员专享价")
        ordering = ("-valid_from", "-pk")
        indexes = (models.Index(fields=("variant", "valid_from"), name="o2o_loyalty_price_variant"),)
        constraints = (
            *_checks("o2o_loyalty_price"),
            models.CheckConstraint(condition=Q(price__gt=0), name="o2o_loyalty_price_positive"),
        )

    def __str__(self) -> str:
        return f"{self.variant_id} {self.price}"


class MemberPriceEntry(models.Model):
    """What a member price cost on an order line, divided over its bearers; yuan, append-only.

    Paid: positive; gone back with a refund: negative; come again with a refund that failed: positive. `unit` is the
    unit that the order counts for. The entries of a line sum to its share of what was not refunded.
    """

    order = models.ForeignKey("order.Order", models.PROTECT, related_name="+", verbose_name=_("订单"))
    order_line = models.ForeignKey(
        "order.OrderLine", models.PROTECT, related_name="+", verbose_name=_("订单行")
    )
    number = models.PositiveSmallIntegerField(_("序号"), help_text=_("同一订单行的第几笔"))
    kind = models.CharField(_("事由"), max_length=8, choices=PriceEntryKind.choices)
    title = models.CharField(_("名称"), max_length=80)
    seller = models.ForeignKey(
        "o2o_ordering.Seller",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("销售方"),
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("归属机构")
    )
    amount = models.DecimalField(_("优惠金额"), max_digits=12, decimal_places=2)
    by_platform = models.DecimalField(_("平台承担"), max_digits=12, decimal_places=2)
    by_unit = models.DecimalField(_("机构承担"), max_digits=12, decimal_places=2)
    by_merchant = models.DecimalField(_("商户承担"), max_digits=12, decimal_places=2)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员价优惠")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("at",), name="o2o_loyalty_price_entry_at"),)
        constraints = (
            models.UniqueConstraint(fields=("order_line", "number"), name="o2o_loyalty_price_entry_once"),
            models.CheckConstraint(
                condition=Q(amount=F("by_platform") + F("by_unit") + F("by_merchant")),
                name="o2o_loyalty_price_entry_sum",
            ),
        )

    def __str__(self) -> str:
        return f"{self.order_line_id}: {self.amount}"
