"""Addresses that are looked up at the map's provider: batches, their rows, and answers that are kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..kinds import BatchState, RowState
from .community import Community
from .place import Place


class GeocodeAnswer(models.Model):
    """An answer of the provider, kept for a while. `key` is a keyed hash of the question: it cannot be read."""

    key = models.CharField(_("问题"), max_length=64, primary_key=True)
    answer = models.JSONField(_("答复"))
    expires_at = models.DateTimeField(_("有效期至"), db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("地图答复缓存")

    def __str__(self) -> str:
        return self.key[:12]


class GeocodeBatch(models.Model):
    """A list of addresses of places or communities, looked up one after another in the background."""

    title = models.CharField(_("标题"), max_length=80)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("机构")
    )
    state = models.CharField(_("状态"), max_length=10, choices=BatchState.choices, default=BatchState.WAITING)
    problem = models.CharField(_("暂停原因"), max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提交人")
    )
    made_at = models.DateTimeField(_("提交时间"), default=now)
    touched_at = models.DateTimeField(_("最近处理"), default=now)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("批量定位")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title


class GeocodeRow(models.Model):
    """One address of a batch, and the place or community that its answer belongs to (none yet: it will be made)."""

    batch = models.ForeignKey(GeocodeBatch, models.CASCADE, related_name="rows", verbose_name=_("批次"))
    line = models.PositiveIntegerField(_("行号"))
    name = models.CharField(_("名称"), max_length=80)
    address = models.CharField(_("地址"), max_length=200)
    district = models.CharField(_("区县"), max_length=40, blank=True)
    aliases = models.CharField(_("别名"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=RowState.choices, default=RowState.WAITING)
    lng = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    level = models.CharField(_("匹配级别"), max_length=40, blank=True)
    matched = models.CharField(_("匹配到的地址"), max_length=200, blank=True)
    problem = models.CharField(_("说明"), max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(_("查询次数"), default=0)
    community = models.ForeignKey(
        Community, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("小区")
    )
    place = models.ForeignKey(
        Place, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("地点")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("定位记录")
        ordering = ("batch", "line")
        constraints = (models.UniqueConstraint(fields=("batch", "line"), name="o2o_map_row_once"),)
        indexes = (models.Index(fields=("batch", "state", "line"), name="o2o_map_row_state"),)

    def __str__(self) -> str:
        return f"{self.line} {self.name}"
