"""What a reseller orders, under its own number; and how it was last told that it stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedJSONField

from ..choices import BuyState
from .accounts import MONEY, Reseller


class ResellerOrder(models.Model):
    """An order by the reseller's own number, written before anything is done for it.

    `asked` is what was asked for, with the visitors' papers: encrypted, and emptied once it is bought or failed.
    `told_*` is what the reseller was told last of the tickets; `open` ones are compared with the tickets again and
    again.
    """

    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="orders", verbose_name=_("分销商"))
    number = models.CharField(_("分销单号"), max_length=24, unique=True)
    their_number = models.CharField(_("渠道订单号"), max_length=64)
    digest = models.CharField(max_length=64)
    asked: Any = EncryptedJSONField()
    state = models.CharField(_("状态"), max_length=8, choices=BuyState.choices, default=BuyState.WORKING)
    ticket_order = models.OneToOneField(
        "o2o_ticketing.TicketOrder", models.PROTECT, null=True, blank=True, related_name="o2o_resale",
        verbose_name=_("票务订单"),
    )  # fmt: skip
    total = models.DecimalField(_("金额（元）"), **MONEY, default=Decimal("0.00"))
    code = models.CharField(_("原因代码"), max_length=40, blank=True)
    why = models.CharField(_("原因"), max_length=200, blank=True)
    told_state = models.CharField(max_length=12, blank=True, default="")
    told_used = models.PositiveIntegerField(_("已告知核销"), default=0)
    told_back = models.PositiveIntegerField(_("已告知退票"), default=0)
    open = models.BooleanField(default=True)
    made_at = models.DateTimeField(_("下单时间"), default=now)
    tried_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("分销订单")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("reseller", "their_number"), name="o2o_resale_order_once"),
        )
        indexes = (
            models.Index(fields=("tried_at",), condition=Q(state="working"), name="o2o_resale_working"),
            models.Index(fields=("id",), condition=Q(open=True), name="o2o_resale_open"),
        )

    def __str__(self) -> str:
        return self.number
