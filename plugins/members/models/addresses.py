"""Where an address of stock's lies, and who serves it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from saleor.account.models import Address

from saleor_o2o.kernel.clock import now


class AddressPlace(models.Model):
    """Beside an address of a member: what stock has no column for.

    `town` is 街道 or 镇, written at the head of the address's street as well. Position in degrees, GCJ-02. `mark` is a
    digest of the address as it was when this was found out: an address that stock's own mutations changed since has
    another, and is looked at anew.
    """

    address = models.OneToOneField(
        Address, models.CASCADE, primary_key=True, related_name="o2o_place", verbose_name=_("地址")
    )
    mark = models.CharField(max_length=64, editable=False)
    town = models.CharField(_("街道"), max_length=60, blank=True)
    lng = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("服务机构"),
    )  # fmt: skip
    basis = models.CharField(_("依据"), max_length=12, blank=True)
    told = models.CharField(_("说明"), max_length=200, blank=True)
    found_at = models.DateTimeField(_("匹配时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员地址")

    def __str__(self) -> str:
        return f"#{self.address_id}"
