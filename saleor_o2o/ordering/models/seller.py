"""Who sells: ourselves, or a merchant of the city."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SellerKind(models.TextChoices):
    """Whose money a sale is."""

    OWN = "own", _("自营")
    MERCHANT = "merchant", _("商户")


class Seller(models.Model):
    """Somebody whose goods stand in the shop; without one, goods are our own. Merchants' papers are elsewhere."""

    code = models.CharField(_("代码"), max_length=32, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    kind = models.CharField(_("类型"), max_length=10, choices=SellerKind.choices, default=SellerKind.MERCHANT)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("销售方")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class SellerProduct(models.Model):
    """A product belongs to exactly one seller; a product without a row is our own."""

    product = models.OneToOneField(
        "product.Product", models.CASCADE, related_name="o2o_seller", verbose_name=_("商品")
    )
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="products", verbose_name=_("销售方"))

    class Meta:
        verbose_name = verbose_name_plural = _("销售方商品")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.seller_id}: {self.product_id}"
