"""Who came through the gate, and who was sent away."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from ..choices import GateAnswer, GateWay
from .stations import Station


class GateKey(models.Model):
    """A key by which codes for the gate are signed since `made_at`; the newest one signs. What was signed before opens
    the gate until `before_until`. Before the first row the platform's own key signs.
    """

    secret = EncryptedTextField()
    before_until = models.DateTimeField(_("之前的二维码有效至"))
    reason = models.CharField(_("事由"), max_length=200)
    made_at = models.DateTimeField(_("启用时间"), default=now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("经办人")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("进站码密钥")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d}"


class GateCheck(models.Model):
    """One look at one passenger; only one of a ticket passed. Somebody who was not found leaves no number behind."""

    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, blank=True, related_name="coach_checks", verbose_name=_("票")
    )
    station = models.ForeignKey(Station, models.PROTECT, related_name="+", verbose_name=_("车站"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("检票机构")
    )
    way = models.CharField(_("方式"), max_length=8, choices=GateWay.choices)
    answer = models.CharField(_("结果"), max_length=14, choices=GateAnswer.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("检票员"),
    )  # fmt: skip
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("检票记录")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("ticket",), condition=Q(answer="passed"), name="o2o_coach_gate_once"
            ),
        )
        indexes = (models.Index(fields=("station", "-at"), name="o2o_coach_gate_station"),)

    def __str__(self) -> str:
        return f"{self.get_answer_display()} {self.at:%m-%d %H:%M}"
