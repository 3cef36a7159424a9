"""What insurances can be bought beside a ticket."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..choices import Trade
from .suppliers import SupplierAccount


class InsuranceProduct(models.Model):
    """An insurance on offer for tickets of a trade; never chosen for anybody. `share` is the insurer's; yuan.

    Sold ones keep their price; a product is not changed, another one takes its place.
    """

    code = models.CharField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("险种"), max_length=40)
    trade = models.CharField(_("票种"), max_length=8, choices=Trade.choices)
    insurer = models.ForeignKey(SupplierAccount, models.PROTECT, related_name="+", verbose_name=_("保险公司"))
    price = models.DecimalField(_("保费（元）"), max_digits=8, decimal_places=2)
    share = models.DecimalField(_("保险公司所得（元）"), max_digits=8, decimal_places=2)
    covers = models.CharField(_("保障内容"), max_length=200)
    terms = models.URLField(_("条款地址"), max_length=200, blank=True)
    active = models.BooleanField(_("在售"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("保险产品")
        ordering = ("trade", "price", "code")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(price__gt=0, share__gte=0, share__lte=models.F("price")),
                name="o2o_ticketing_insurance_price",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """What the constraint says, in words and beside the field."""
        if self.price is not None and self.price <= 0:
            raise ValidationError({"price": _("保费须大于 0")})
        if self.share is not None and self.share < 0:
            raise ValidationError({"share": _("保险公司所得不能小于 0")})
        if self.price is not None and self.share is not None and self.share > self.price:
            raise ValidationError({"share": _("保险公司所得不能高于保费")})
