"""The pool of goods that micro-shops choose from, templates, and the shops themselves."""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .channel import Channel


def price(label: Any) -> models.DecimalField:  # type: ignore[type-arg]
    """A column of yuan above nought."""
    return models.DecimalField(label, max_digits=12, decimal_places=2, validators=[MinValueValidator(0.01)])


class Theme(models.TextChoices):
    """The colour of a shop's banner."""

    GREEN = "green", _("邮政绿")
    ORANGE = "orange", _("脐橙橙")
    BLUE = "blue", _("江水蓝")
    RED = "red", _("火锅红")


class PoolGoods(models.Model):
    """Goods that micro-shops may offer, and the band of the owner's own price in yuan."""

    variant = models.OneToOneField(
        "product.ProductVariant", models.CASCADE, related_name="o2o_pool", verbose_name=_("商品规格")
    )
    floor = price(_("最低价（元）"))
    ceiling = price(_("最高价（元）"))
    is_active = models.BooleanField(_("可选"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("微店选品池")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(floor__gt=0, floor__lte=models.F("ceiling")), name="o2o_channel_price_band"
            ),
        )

    def __str__(self) -> str:
        return f"{self.variant.product.name} {self.variant.name}"


class ShopTemplate(models.Model):
    """What a new micro-shop starts from."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    shop_name = models.CharField(
        _("店名样式"), max_length=60, default="{community}邮政微店", help_text=_("{community} 换成社区名")
    )
    notice = models.CharField(_("店铺公告"), max_length=200, blank=True)
    theme = models.CharField(_("主题色"), max_length=8, choices=Theme.choices, default=Theme.GREEN)
    goods = models.ManyToManyField(PoolGoods, blank=True, related_name="templates", verbose_name=_("商品"))
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("微店模板")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Shop(models.Model):
    """The page of a micro-shop (or of any channel that has one)."""

    channel = models.OneToOneField(
        Channel, models.CASCADE, primary_key=True, related_name="shop", verbose_name=_("渠道")
    )
    name = models.CharField(_("店名"), max_length=60)
    notice = models.CharField(_("公告"), max_length=200, blank=True)
    theme = models.CharField(_("主题色"), max_length=8, choices=Theme.choices, default=Theme.GREEN)
    banner = models.ImageField(_("店招图片"), upload_to="channels/banners", blank=True)
    template = models.ForeignKey(
        ShopTemplate, models.SET_NULL, null=True, blank=True, related_name="shops", verbose_name=_("模板")
    )
    made_at = models.DateTimeField(_("生成时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("微店店铺")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name


class ShopGoods(models.Model):
    """What a shop offers, at the owner's price in yuan within the band of the pool."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="offers", verbose_name=_("店铺"))
    goods = models.ForeignKey(PoolGoods, models.CASCADE, related_name="offers", verbose_name=_("商品"))
    price = price(_("店主售价（元）"))
    position = models.PositiveSmallIntegerField(_("排序"), default=0)
    is_active = models.BooleanField(_("上架"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("微店商品")
        ordering = ("shop", "position", "pk")
        constraints = (models.UniqueConstraint(fields=("shop", "goods"), name="o2o_channel_offer_once"),)

    def __str__(self) -> str:
        return f"{self.shop_id} {self.goods_id}"
