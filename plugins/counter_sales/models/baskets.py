"""What a clerk has typed and not placed yet: it survives a closed tab and a power cut."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedJSONField


class CounterBasket(models.Model):
    """One basket of one clerk. Its key becomes the idempotency key of the order; the content holds personal data."""

    key = models.UUIDField(_("请求号"), primary_key=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="o2o_counter_baskets", verbose_name=_("营业员")
    )
    content = EncryptedJSONField(_("内容"))
    updated_at = models.DateTimeField(_("更新时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("挂单")
        ordering = ("-updated_at",)
        indexes = (models.Index(fields=("operator", "-updated_at"), name="o2o_counter_basket_mine"),)

    def __str__(self) -> str:
        return str(self.key)
