"""Seats of a bus that somebody of a station keeps back: 预留（工作票）."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.models import SupplierAccount
from saleor_o2o.kernel.clock import now

from ..choices import BlockState
from .offers import ShiftDay


class SeatBlock(models.Model):
    """Seats that a network was told to sell to nobody. Written before it is told, under our own number.

    `unit`: whose people keep them; `product`: what the network calls the bus.
    """

    number = models.CharField(_("留座单号"), max_length=24, unique=True)
    shift_day = models.ForeignKey(ShiftDay, models.PROTECT, related_name="blocks", verbose_name=_("当日班次"))
    supplier = models.ForeignKey(SupplierAccount, models.PROTECT, related_name="+", verbose_name=_("客票网"))
    product = models.JSONField(default=dict)
    seats = ArrayField(models.CharField(max_length=6), verbose_name=_("座位"), default=list)
    reason = models.CharField(_("事由"), max_length=100)
    state = models.CharField(_("状态"), max_length=8, choices=BlockState.choices, default=BlockState.ASKED)
    why = models.CharField(_("说明"), max_length=200, blank=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("机构")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("预留人")
    )
    made_at = models.DateTimeField(_("预留时间"), default=now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("释放人"),
    )  # fmt: skip
    ended_at = models.DateTimeField(_("释放时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("预留座位")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("made_at",),
                condition=models.Q(state__in=("asked", "ending")),
                name="o2o_coach_block_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {'、'.join(self.seats)}"
