"""Uploaded files of units, kept between the preview and the confirmation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now


class ImportState(models.TextChoices):
    """A file waits for its confirmation, was written, or was thrown away."""

    WAITING = "waiting", _("待确认")
    DONE = "done", _("已导入")
    DROPPED = "dropped", _("已放弃")


class UnitImport(models.Model):
    """One uploaded file: what its cells said, not what came of it; every look at it checks anew."""

    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("上传人")
    )
    filename = models.CharField(_("文件名"), max_length=200)
    rows = models.JSONField(_("内容"), default=list)
    state = models.CharField(
        _("状态"), max_length=12, choices=ImportState.choices, default=ImportState.WAITING
    )
    created_count = models.PositiveIntegerField(_("新建"), default=0)
    changed_count = models.PositiveIntegerField(_("修改"), default=0)
    made_at = models.DateTimeField(_("上传时间"), default=now)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("机构导入")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.filename} {self.made_at:%Y-%m-%d %H:%M}"
