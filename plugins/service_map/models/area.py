"""Service areas of branches, boxed for SQL."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ServiceArea(models.Model):
    """The area of one unit with the box around it. Written from the unit's own by the sync; `mark` tells it changed."""

    unit = models.OneToOneField(
        "o2o_org_hierarchy.OrgUnit", models.CASCADE, primary_key=True, related_name="boxed_area",
        verbose_name=_("机构"),
    )  # fmt: skip
    area = models.JSONField(_("范围"))
    west = models.FloatField(_("西界"))
    south = models.FloatField(_("南界"))
    east = models.FloatField(_("东界"))
    north = models.FloatField(_("北界"))
    km2 = models.FloatField(_("面积（平方公里）"))
    mark = models.CharField(_("版本标记"), max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = _("服务范围")
        indexes = (models.Index(fields=("west", "east"), name="o2o_map_area_box"),)

    def __str__(self) -> str:
        return str(self.unit_id)
