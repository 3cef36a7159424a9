"""Links by which somebody who is not here pays a sale."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from .sales import CounterSale


class PayLink(models.Model):
    """A link sent to a telephone. The address itself is kept by nobody: only a keyed hash of its token is.

    One link of a sale counts at a time; sending another ends the one before.
    """

    sale = models.ForeignKey(
        CounterSale, models.PROTECT, related_name="pay_links", verbose_name=_("柜台销售")
    )
    token_index = models.CharField(max_length=64, unique=True, editable=False)
    mobile = EncryptedTextField(_("付款人手机号"))
    mobile_index = models.CharField(max_length=64, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("发送人")
    )
    sent_at = models.DateTimeField(_("发送时间"), default=now)
    expires_at = models.DateTimeField(_("有效期至"))
    ended_at = models.DateTimeField(_("失效时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("付款链接")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("sale",),
                condition=models.Q(ended_at__isnull=True),
                name="o2o_counter_one_pay_link",
            ),
        )
        indexes = (models.Index(fields=("mobile_index", "-sent_at"), name="o2o_counter_link_mobile"),)

    def __str__(self) -> str:
        return f"{self.sale_id} {self.sent_at:%Y-%m-%d %H:%M}"
