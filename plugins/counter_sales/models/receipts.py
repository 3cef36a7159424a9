"""Cash in and out of the drawer, each with a number of its own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .floats import MONEY, FloatMovement
from .sales import CounterSale, PaidBy
from .shifts import Shift


class ReceiptKind(models.TextChoices):
    """Which way the cash went."""

    TAKEN = "taken", _("收款")
    GIVEN_BACK = "given_back", _("退款")


class CashReceipt(models.Model):
    """Cash taken or given back. Append-only: a trigger refuses to change or delete one. Amounts in yuan."""

    number = models.CharField(_("收据号"), max_length=24, unique=True)
    kind = models.CharField(_("类型"), max_length=12, choices=ReceiptKind.choices)
    sale = models.ForeignKey(CounterSale, models.PROTECT, related_name="receipts", verbose_name=_("柜台销售"))
    payment = models.ForeignKey(
        "payment.Payment", models.PROTECT, related_name="+", verbose_name=_("Saleor 支付")
    )
    movement = models.OneToOneField(
        FloatMovement, models.PROTECT, related_name="receipt", verbose_name=_("备付金流水")
    )
    amount = models.DecimalField(_("金额"), **MONEY)
    tendered = models.DecimalField(_("实收现金"), **MONEY, null=True, blank=True)
    change = models.DecimalField(_("找零"), **MONEY, null=True, blank=True)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("现金收据")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("sale",), condition=Q(kind="taken"), name="o2o_counter_cash_taken_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_counter_cash_positive"),
        )
        indexes = (models.Index(fields=("operator", "-at"), name="o2o_counter_cash_operator"),)

    def __str__(self) -> str:
        return self.number


class SaleRefund(models.Model):
    """Money of a sale given back, in cash or through the cashier. Append-only. `amount` in yuan.

    `token` is the number of the cash receipt or of the cashier's refund.
    """

    sale = models.ForeignKey(CounterSale, models.PROTECT, related_name="refunds", verbose_name=_("柜台销售"))
    request_key = models.CharField(_("请求号"), max_length=80, unique=True, editable=False)
    shift = models.ForeignKey(
        Shift, models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("班次")
    )
    amount = models.DecimalField(_("金额"), **MONEY)
    paid_by = models.CharField(_("退款方式"), max_length=8, choices=PaidBy.choices)
    token = models.CharField(_("退款号"), max_length=64)
    reason = models.CharField(_("原因"), max_length=200)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("柜台退款")
        ordering = ("-pk",)
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_counter_refund_positive"),)
        indexes = (models.Index(fields=("operator", "-at"), name="o2o_counter_refund_operator"),)

    def __str__(self) -> str:
        return self.token
