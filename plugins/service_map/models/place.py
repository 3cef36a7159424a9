"""Points of interest, in one table with one index of the globe."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import BusinessScope
from saleor_o2o.kernel.clock import now, today

from ..earth import Earth
from ..kinds import MIRRORED, PlaceKind, PlaceStatus
from .positioned import Positioned


class Place(Positioned):
    """A place that shoppers find. `unit` looks after it; outlets and branches are written from their unit only.

    The column `open_week`, which Django does not know, is kept by PostgreSQL: the minutes of the week with business,
    made from `hours` (migration 0002).
    """

    kind = models.CharField(_("类别"), max_length=10, choices=PlaceKind.choices)
    name = models.CharField(_("名称"), max_length=100)
    aliases = ArrayField(models.CharField(max_length=60), verbose_name=_("别名"), default=list, blank=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="places", verbose_name=_("管理机构")
    )
    address = models.CharField(_("地址"), max_length=200, blank=True)
    area = models.JSONField(_("范围"), null=True, blank=True, help_text=_("GeoJSON，GCJ-02"))
    business_scope = ArrayField(
        models.CharField(max_length=20, choices=BusinessScope.choices), verbose_name=_("业务范围"),
        default=list, blank=True,
    )  # fmt: skip
    hours = models.JSONField(_("营业时间"), default=dict, blank=True)
    phone = models.CharField(_("电话"), max_length=32, blank=True)
    status = models.CharField(
        _("状态"), max_length=10, choices=PlaceStatus.choices, default=PlaceStatus.LISTED
    )
    listed_from = models.DateField(_("显示自"), default=today)
    created_at = models.DateTimeField(_("建立时间"), default=now, editable=False)
    updated_at = models.DateTimeField(_("更新时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("地点")
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("unit",), condition=models.Q(kind__in=MIRRORED), name="o2o_map_place_of_unit"
            ),
        )
        indexes = (
            GistIndex(
                Earth("lat", "lng"),
                name="o2o_map_place_earth",
                condition=models.Q(status=PlaceStatus.LISTED),
            ),
            GistIndex(
                Earth("lat", "lng"),
                name="o2o_map_outlet_earth",
                condition=models.Q(status=PlaceStatus.LISTED, kind=PlaceKind.OUTLET),
            ),
            models.Index(fields=("geohash",), opclasses=("text_pattern_ops",), name="o2o_map_place_geohash"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def mirrors_unit(self) -> bool:
        """True for outlets and branches: what they are is changed at their unit."""
        return self.kind in MIRRORED
