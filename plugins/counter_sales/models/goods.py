"""How goods' names are typed: pinyin and initials, kept beside the product."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class GoodsName(models.Model):
    """The pinyin of a product's name, `source` being the name it was made from."""

    product = models.OneToOneField(
        "product.Product", models.CASCADE, primary_key=True, related_name="o2o_goods_name",
        verbose_name=_("商品"),
    )  # fmt: skip
    source = models.CharField(_("名称"), max_length=250)
    pinyin = models.CharField(_("全拼"), max_length=1000)
    initials = models.CharField(_("首字母"), max_length=250)

    class Meta:
        verbose_name = verbose_name_plural = _("商品拼音")

    def __str__(self) -> str:
        return self.source
