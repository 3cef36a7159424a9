"""Which unit a customer was taken in by."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .unit import OrgUnit


class CustomerHome(models.Model):
    """Written when a member of the staff makes a customer, who has no order yet by which a unit could see him."""

    customer = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="o2o_home",
        verbose_name=_("顾客"),
    )
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="customers", verbose_name=_("建档机构"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("建档人"),
    )
    made_at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("顾客建档")

    def __str__(self) -> str:
        return f"{self.customer_id}@{self.unit_id}"
