"""Pins that somebody moved."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .community import Community
from .place import Place


class PinCorrection(models.Model):
    """One correction: what was moved, from where to where (GCJ-02), how far, why and by whom. Append-only."""

    place = models.ForeignKey(
        Place, models.CASCADE, null=True, blank=True, related_name="corrections", verbose_name=_("地点")
    )
    community = models.ForeignKey(
        Community, models.CASCADE, null=True, blank=True, related_name="corrections", verbose_name=_("小区")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("管理机构")
    )
    from_lng = models.FloatField(_("原经度"))
    from_lat = models.FloatField(_("原纬度"))
    to_lng = models.FloatField(_("新经度"))
    to_lat = models.FloatField(_("新纬度"))
    metres = models.FloatField(_("移动（米）"))
    reason = models.CharField(_("原因"), max_length=200)
    actor = models.CharField(_("操作者"), max_length=120)
    made_at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("位置纠正")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(place__isnull=False) ^ models.Q(community__isnull=False),
                name="o2o_map_pin_of_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.place_id or self.community_id} {self.metres:.0f} 米"
