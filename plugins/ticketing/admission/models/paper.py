"""Paper tickets on their way by post, and holders of real-name tickets that were changed once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from ..vouchers.choices import MailState


class Mailing(models.Model):
    """Where the paper tickets of an order go by post, as it was told when they were held, and whether they went.

    `area`: province, city and district; what names a person or a door is encrypted. `send_by`: the last moment to post
    them in time. `printed_at`: sheets and label lie printed. `waybill` and `carrier` as read from what was typed.
    """

    ticket_order = models.OneToOneField(
        "o2o_ticketing.TicketOrder", models.PROTECT, related_name="mailing", verbose_name=_("票务订单")
    )
    state = models.CharField(_("状态"), max_length=10, choices=MailState.choices, default=MailState.WAITING)
    name = EncryptedTextField(_("收件人"))
    mobile = EncryptedTextField(_("收件人手机"))
    area = models.CharField(_("省市区"), max_length=60)
    street = EncryptedTextField(_("详细地址"))
    send_by = models.DateTimeField(_("最晚寄出"))
    printed_at = models.DateTimeField(_("打印时间"), null=True, blank=True)
    carrier = models.CharField(_("承运"), max_length=20, blank=True, default="")
    waybill = models.CharField(_("运单号"), max_length=40, blank=True, default="")
    sent_at = models.DateTimeField(_("寄出时间"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("寄出人"),
    )  # fmt: skip
    made_at = models.DateTimeField(_("下单时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("纸票邮寄")
        ordering = ("send_by", "pk")
        indexes = (
            models.Index(
                fields=("send_by",), condition=Q(state="waiting"), name="o2o_admission_mail_waiting"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="sent") | (Q(sent_at__isnull=False) & ~Q(waybill="")),
                name="o2o_admission_mail_sent",
            ),
        )

    def __str__(self) -> str:
        return str(self.ticket_order)


class NameChange(models.Model):
    """A ticket's holder was changed for another person: once, whoever does it. `by`: a clerk; without one the buyer."""

    ticket = models.OneToOneField(
        "o2o_ticketing.Ticket", models.PROTECT, related_name="name_change", verbose_name=_("票")
    )
    before = models.ForeignKey(
        "o2o_ticketing.TicketPassenger", models.PROTECT, related_name="+", verbose_name=_("原观众")
    )
    after = models.ForeignKey(
        "o2o_ticketing.TicketPassenger", models.PROTECT, related_name="+", verbose_name=_("新观众")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("经办人"),
    )  # fmt: skip
    reason = models.CharField(_("事由"), max_length=200, blank=True, default="")
    at = models.DateTimeField(_("更改时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("实名更改")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return str(self.ticket)
