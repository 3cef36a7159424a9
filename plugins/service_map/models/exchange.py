"""Uploaded files of places and areas, kept between the preview and the confirmation."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Datum
from saleor_o2o.backoffice.imports import FileImport

from ..kinds import ImportKind


class MapImport(FileImport):
    """One uploaded file, and the datum that its coordinates are in."""

    kind = models.CharField(_("内容"), max_length=10, choices=ImportKind.choices)
    datum = models.CharField(_("坐标系"), max_length=8, choices=Datum.choices, default=Datum.GCJ02)

    class Meta(FileImport.Meta):
        verbose_name = verbose_name_plural = _("地图导入")
