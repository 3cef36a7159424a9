"""Whose order it is: the unit, the channel and the operator at the moment it was made."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .unit import OrgUnit


class OrderAttribution(models.Model):
    """Written with the order, in its transaction.

    `unit` says who may see the order (through the tree as it is now); `org_path`, `channel_type` and `channel_code`
    are what they were when the order was made, and reports read those.
    """

    order = models.OneToOneField(
        "order.Order",
        models.CASCADE,
        primary_key=True,
        related_name="o2o_attribution",
        verbose_name=_("订单"),
    )
    # looked up by the index on unit and order
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="orders", db_index=False, verbose_name=_("归属机构")
    )
    org_path = models.CharField(_("下单时机构路径"), max_length=200)
    channel_type = models.CharField(_("渠道类型"), max_length=20, blank=True)
    channel_code = models.CharField(_("渠道代码"), max_length=40, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="o2o_operated_orders",
        verbose_name=_("经办人"),
    )  # fmt: skip
    basis = models.CharField(_("归属依据"), max_length=40)
    made_at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("订单归属")
        indexes = (
            models.Index(fields=("unit", "-order"), name="o2o_org_order_unit"),
            # newest first within a reach, without reading the rows that are not
            models.Index(fields=("-order", "unit"), name="o2o_org_order_newest"),
            models.Index(fields=("org_path",), opclasses=("text_pattern_ops",), name="o2o_org_order_path"),
            models.Index(fields=("channel_code", "-order"), name="o2o_org_order_channel"),
            models.Index(fields=("operator", "-order"), name="o2o_org_order_operator"),
        )

    def __str__(self) -> str:
        return f"{self.order_id} {self.org_path}"
