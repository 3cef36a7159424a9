"""What one account may do in a day, and why a passenger pays less."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.crypto import EncryptedTextField

from ..choices import Channel, Proof


class SaleLimit(models.Model):
    """What a channel allows; 0: no limit. Children without a seat do not count as tickets."""

    channel = models.CharField(_("渠道"), max_length=8, choices=Channel.choices, unique=True)
    orders_day = models.PositiveSmallIntegerField(_("每账号每天订单"), default=0, help_text=_("0 为不限"))
    tickets_order = models.PositiveSmallIntegerField(
        _("每单张数（携童不计）"), default=5, help_text=_("0 为不限")
    )
    cancels_day = models.PositiveSmallIntegerField(_("每账号每天取消"), default=0, help_text=_("0 为不限"))

    class Meta:
        verbose_name = verbose_name_plural = _("购票限制")
        ordering = ("channel",)

    def __str__(self) -> str:
        return str(self.get_channel_display())


class FareProof(models.Model):
    """Why a ticket is a half one or free. The certificate's number is shown at the gate, so it is kept."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="coach_proof", verbose_name=_("票"))
    proof = models.CharField(_("依据"), max_length=12, choices=Proof.choices)
    certificate = EncryptedTextField(_("证件号"), blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("优惠票依据")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.get_proof_display())
