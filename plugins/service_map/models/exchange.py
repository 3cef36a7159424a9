"""Uploaded files of places and areas, kept between the preview and the confirmation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Datum
from saleor_o2o.kernel.clock import now

from ..kinds import ImportKind, ImportState


class MapImport(models.Model):
    """One uploaded file: what it said, not what came of it; every look at it checks anew. For its maker alone."""

    kind = models.CharField(_("内容"), max_length=10, choices=ImportKind.choices)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("上传人")
    )
    filename = models.CharField(_("文件名"), max_length=200)
    datum = models.CharField(_("坐标系"), max_length=8, choices=Datum.choices, default=Datum.GCJ02)
    rows = models.JSONField(_("行"), default=list)
    state = models.CharField(
        _("状态"), max_length=10, choices=ImportState.choices, default=ImportState.WAITING
    )
    created_count = models.PositiveIntegerField(_("新建"), default=0)
    changed_count = models.PositiveIntegerField(_("修改"), default=0)
    made_at = models.DateTimeField(_("上传时间"), default=now)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("地图导入")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.filename} {self.made_at:%Y-%m-%d %H:%M}"
