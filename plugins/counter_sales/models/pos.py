"""Cards at the counter's terminal, each with the number that stands on the terminal's slip."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .floats import MONEY
from .receipts import ReceiptKind
from .sales import CounterSale
from .shifts import Shift


class PosReceipt(models.Model):
    """A slip of a terminal: a card payment, whole or a part of one, or a return. Append-only (a trigger). In yuan.

    The number on the terminal's slip (凭证号) starts anew every day: terminal, day and slip together are unique.
    `part_number` is the cashier's part that it pays or gives back; empty where the card paid the whole sale.
    """

    number = models.CharField(_("收据号"), max_length=24, unique=True)
    kind = models.CharField(_("类型"), max_length=12, choices=ReceiptKind.choices)
    sale = models.ForeignKey(
        CounterSale, models.PROTECT, related_name="pos_receipts", verbose_name=_("柜台销售")
    )
    shift = models.ForeignKey(
        Shift, models.PROTECT, null=True, blank=True, related_name="pos_receipts", verbose_name=_("班次")
    )
    payment = models.ForeignKey(
        "payment.Payment", models.PROTECT, related_name="+", verbose_name=_("Saleor 支付")
    )
    part_number = models.CharField(_("支付部分"), max_length=32, blank=True)
    terminal = models.CharField(_("终端号"), max_length=20)
    slip = models.CharField(_("凭证号"), max_length=32)
    day = models.DateField(_("交易日"))
    amount = models.DecimalField(_("金额"), **MONEY)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("POS 收据")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("terminal", "day", "slip"), name="o2o_counter_pos_slip_once"),
            models.UniqueConstraint(
                fields=("sale", "part_number"), condition=Q(kind="taken"), name="o2o_counter_pos_taken_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_counter_pos_receipt_positive"),
        )

    def __str__(self) -> str:
        return self.number
