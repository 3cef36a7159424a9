"""What we have paid in beforehand at a supplier, as it told us last, and how that went."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .suppliers import SupplierAccount


class SupplierDeposit(models.Model):
    """Our deposit at a supplier, in yuan; see decision 0140.

    `amount` None: never told. `alarm_below`: people are told below it. `check_first`: every hold is asked about before
    it is made. `low_since`: since when it is too little; told once. `refused_at`: when something was refused for it.
    """

    supplier = models.OneToOneField(
        SupplierAccount, models.PROTECT, related_name="deposit", verbose_name=_("供应商")
    )
    amount = models.DecimalField(
        _("预存款余额（元）"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    asked_at = models.DateTimeField(_("查询时间"), null=True, blank=True)
    trouble = models.CharField(_("查询失败"), max_length=200, blank=True)
    alarm_below = models.DecimalField(
        _("低于此数提醒（元）"), max_digits=14, decimal_places=2, default=0,
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    check_first = models.BooleanField(_("每次占位前预判"), default=False)
    low_since = models.DateTimeField(_("不足开始时间"), null=True, blank=True)
    refused_at = models.DateTimeField(_("最近因余额不足被拒"), null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("设置人"),
    )  # fmt: skip

    class Meta:
        verbose_name = verbose_name_plural = _("供应商预存款")
        ordering = ("supplier",)

    def __str__(self) -> str:
        return str(self.supplier)


class DepositReading(models.Model):
    """What was left at a moment; written when it is another sum than the time before."""

    supplier = models.ForeignKey(
        SupplierAccount, models.PROTECT, related_name="deposit_readings", verbose_name=_("供应商")
    )
    amount = models.DecimalField(_("余额（元）"), max_digits=14, decimal_places=2)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("预存款记录")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.supplier} {self.amount}"
