"""What is set aside for a customer whose goods are exchanged."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import HoldState
from .after_sale import AfterSaleLine


class Replacement(models.Model):
    """Pieces off a shelf, for one line of an exchange: held, then sent, or put back.

    What is held is taken from `stock.quantity` at once, so that nobody else can buy it. A line has one live row.
    """

    line = models.ForeignKey(
        AfterSaleLine, models.CASCADE, related_name="replacements", verbose_name=_("售后明细")
    )
    stock = models.ForeignKey(
        "warehouse.Stock", models.SET_NULL, null=True, related_name="+", verbose_name=_("库存")
    )
    variant = models.ForeignKey(
        "product.ProductVariant", models.SET_NULL, null=True, related_name="+", verbose_name=_("换货规格")
    )
    quantity = models.PositiveIntegerField(_("数量"))
    state = models.CharField(_("状态"), max_length=10, choices=HoldState.choices, default=HoldState.HELD)
    made_at = models.DateTimeField(_("预留时间"), default=now)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("换货预留")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=~Q(state=HoldState.RELEASED.value),
                name="o2o_as_one_replacement",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="o2o_as_replacement_some"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} × {self.quantity} {self.state}"
