"""Parts of a combined trade: one payment by the payer, several trades, each with a number and merchant account of
its own."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import to_fen

from ..ports import SubTradeRef
from .attempts import PaymentAttempt


class SubTrade(models.Model):
    """One trade of a combined attempt, written with it; all of them are paid, or none. ``amount`` in yuan."""

    attempt = models.ForeignKey(
        PaymentAttempt, on_delete=models.PROTECT, related_name="sub_trades", verbose_name=_("支付尝试")
    )
    number = models.CharField(_("子单商户订单号"), max_length=32, unique=True)
    account = models.CharField(_("收款账户"), max_length=64)
    seller = models.CharField(_("商家"), max_length=64, blank=True)
    label = models.CharField(_("说明"), max_length=120, blank=True)
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2)
    provider_ref = models.CharField(_("渠道交易号"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("合单子单")
        verbose_name_plural = _("合单子单")
        ordering = ("pk",)
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_sub_trade_positive")]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> SubTradeRef:
        """What a provider is told of it."""
        return SubTradeRef(self.number, self.account, to_fen(self.amount), self.label)
