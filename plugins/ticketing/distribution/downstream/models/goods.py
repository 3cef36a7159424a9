"""What a reseller may sell, and what it pays for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .accounts import MONEY, Reseller


class ResellerOffer(models.Model):
    """A product that a reseller may sell. `digest`: of what it was told of it last."""

    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="offers", verbose_name=_("分销商"))
    product = models.ForeignKey(
        "o2o_admission.AdmissionProduct", models.PROTECT, related_name="+", verbose_name=_("产品")
    )
    active = models.BooleanField(_("可售"), default=True)
    digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("渠道可售产品")
        ordering = ("reseller", "product")
        constraints = (models.UniqueConstraint(fields=("reseller", "product"), name="o2o_resale_offer_once"),)

    def __str__(self) -> str:
        return f"{self.reseller} {self.product}"


class ResellerPrice(models.Model):
    """What a reseller pays for a ticket class, by day of visit; for tickets without a day, by day of sale. Yuan.

    The newest row that has the day counts; nothing is changed, another row follows. `reason`: why it is below what we
    pay ourselves; without one such a price is not sold at.
    """

    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="prices", verbose_name=_("分销商"))
    ticket_class = models.ForeignKey(
        "o2o_admission.TicketClass", models.PROTECT, related_name="+", verbose_name=_("票类")
    )
    first_day = models.DateField(_("开始日期"))
    last_day = models.DateField(_("结束日期"))
    price = models.DecimalField(_("渠道价（元）"), **MONEY)
    reason = models.CharField(_("低于结算价的原因"), max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("设置人")
    )
    made_at = models.DateTimeField(_("设置时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("渠道价")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(price__gt=0), name="o2o_resale_price_some"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="o2o_resale_price_days"),
        )
        indexes = (models.Index(fields=("reseller", "ticket_class"), name="o2o_resale_price_of"),)

    def __str__(self) -> str:
        return f"{self.ticket_class} ¥{self.price}"
