"""What was exchanged: written with the order, kept; what came back is counted on it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .offer import MallOffer


class Exchange(models.Model):
    """A line of an order that points paid: its pieces, and what a piece cost then, in points and yuan.

    `price` is what the shop asked for a piece. `back` pieces were cancelled or returned and their points given back:
    they count for no limit. `unit`: what the order counts for.
    """

    order = models.ForeignKey(
        "order.Order", models.CASCADE, related_name="o2o_exchanges", verbose_name=_("订单")
    )
    order_line = models.OneToOneField(
        "order.OrderLine", models.CASCADE, related_name="o2o_exchange", verbose_name=_("订单行")
    )
    offer = models.ForeignKey(MallOffer, models.PROTECT, related_name="exchanges", verbose_name=_("兑换商品"))
    member = models.ForeignKey("o2o_members.Member", models.PROTECT, related_name="+", verbose_name=_("会员"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("归属机构")
    )
    quantity = models.PositiveIntegerField(_("件数"))
    points = models.PositiveIntegerField(_("每件积分"))
    yuan = models.DecimalField(_("每件另付（元）"), max_digits=10, decimal_places=2)
    price = models.DecimalField(_("商品单价（元）"), max_digits=12, decimal_places=2)
    back = models.PositiveIntegerField(_("退回件数"), default=0)
    at = models.DateTimeField(_("兑换时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("兑换记录")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__gt=0) & Q(back__lte=F("quantity")), name="o2o_mall_exchange_pieces"
            ),
        )
        indexes = (
            models.Index(fields=("member", "offer", "at"), name="o2o_mall_exchange_member"),
            models.Index(fields=("at",), name="o2o_mall_exchange_at"),
        )

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.quantity}"

    @property
    def stands(self) -> int:
        """Pieces that did not come back."""
        return self.quantity - self.back
