"""People known to the counters by their telephone number."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.masking import mask_name, mask_phone


class CounterCustomer(models.Model):
    """A customer who gave a telephone number. `user` is the shop account with that number, if there is one."""

    phone = EncryptedTextField(_("手机号"))
    phone_index = models.CharField(max_length=64, unique=True, editable=False)
    name = EncryptedTextField(_("姓名"), blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("商城账号"),
    )  # fmt: skip
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("登记机构")
    )
    created_at = models.DateTimeField(_("登记时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("柜台顾客")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def masked(self) -> str:
        """`王** 138****0001`."""
        return f"{mask_name(self.name)} {mask_phone(self.phone)}".strip()
