"""Invoices that buyers want of coach tickets: rows for finance, which issues them by hand and says so."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from ..choices import InvoiceKind, InvoiceState


class CoachInvoice(models.Model):
    """A blue invoice of a ticket order, or the red one that takes back what was refunded of it. Yuan, red negative.

    `number` is ours, `invoice_number` the tax bureau's, from `issued_on` on. A blue one that was taken back as a whole
    is REVERSED, so that another may be asked for.
    """

    number = models.CharField(_("申请号"), max_length=24, unique=True)
    ticket_order = models.ForeignKey(
        TicketOrder, models.PROTECT, related_name="coach_invoices", verbose_name=_("票务订单")
    )
    kind = models.CharField(_("种类"), max_length=4, choices=InvoiceKind.choices)
    state = models.CharField(
        _("状态"), max_length=10, choices=InvoiceState.choices, default=InvoiceState.WANTED
    )
    title = models.CharField(_("抬头"), max_length=100)
    tax_number = models.CharField(_("税号"), max_length=20, blank=True)
    email = EncryptedTextField(_("接收邮箱"), blank=True, default="")
    amount = models.DecimalField(_("金额（元）"), max_digits=10, decimal_places=2)
    red_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reds", verbose_name=_("冲红的发票")
    )
    reference = models.CharField(max_length=40, blank=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("申请人"),
    )  # fmt: skip
    asked_at = models.DateTimeField(_("申请时间"), default=now)
    invoice_number = models.CharField(_("发票号码"), max_length=20, blank=True, default="")
    issued_on = models.DateField(_("开票日期"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("经办人"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("办理时间"), null=True, blank=True)
    why = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("汽车票发票")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("ticket_order",), condition=Q(kind="blue", state__in=("wanted", "issued")),
                name="o2o_coach_invoice_blue",
            ),
            models.UniqueConstraint(
                fields=("invoice_number",), condition=~Q(invoice_number=""), name="o2o_coach_invoice_number"
            ),
            models.UniqueConstraint(fields=("red_of", "reference"), name="o2o_coach_invoice_red"),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.number
