"""Slips of the bank's terminal: each counts for one part of one sale."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .floats import MONEY
from .sales import CounterSale


class PosSlip(models.Model):
    """A slip as the clerk typed it. `part_number` is the cashier's part that it paid; `amount` in yuan."""

    number = models.CharField(_("POS 凭证号"), max_length=32, unique=True)
    part_number = models.CharField(_("部分号"), max_length=32, unique=True)
    sale = models.ForeignKey(
        CounterSale, models.PROTECT, related_name="pos_slips", verbose_name=_("柜台销售")
    )
    shift = models.ForeignKey(
        "o2o_counter_sales.Shift", models.PROTECT, null=True, blank=True, related_name="pos_slip_parts",
        verbose_name=_("班次"),
    )  # fmt: skip
    amount = models.DecimalField(_("金额"), **MONEY)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("POS 小票")
        ordering = ("-pk",)
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_counter_pos_positive"),)

    def __str__(self) -> str:
        return self.number
