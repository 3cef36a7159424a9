"""The dictionary of communities (小区)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .positioned import Positioned


class Community(Positioned):
    """A housing estate that customers name instead of a street. `unit` is the branch that serves it."""

    name = models.CharField(_("小区名称"), max_length=80)
    aliases = ArrayField(models.CharField(max_length=60), verbose_name=_("别名"), default=list, blank=True)
    search_text = models.TextField(_("检索词"), editable=False)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="communities", verbose_name=_("服务机构")
    )
    unit_fixed = models.BooleanField(
        _("指定服务机构"), default=False, help_text=_("不随服务范围的变化自动调整")
    )
    region_code = models.CharField(_("行政区划代码"), max_length=12, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    households = models.PositiveIntegerField(_("户数"), null=True, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("建立时间"), default=now, editable=False)
    updated_at = models.DateTimeField(_("更新时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("小区")
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("name", "region_code"), name="o2o_map_community_once"),
        )
        indexes = (models.Index(fields=("region_code",), name="o2o_map_community_region"),)

    def __str__(self) -> str:
        return self.name
