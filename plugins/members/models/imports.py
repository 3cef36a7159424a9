"""Uploaded files of members, kept between the preview and the confirmation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedJSONField

from ..kinds import ImportState


class MemberImport(models.Model):
    """One uploaded file: what it said (encrypted, emptied when it is done with), not what came of it. For its maker."""

    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("上传人")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("登记机构")
    )
    filename = models.CharField(_("文件名"), max_length=200)
    rows = EncryptedJSONField(_("行"), default=list)
    state = models.CharField(
        _("状态"), max_length=10, choices=ImportState.choices, default=ImportState.WAITING
    )
    created_count = models.PositiveIntegerField(_("新建"), default=0)
    skipped_count = models.PositiveIntegerField(_("跳过"), default=0)
    made_at = models.DateTimeField(_("上传时间"), default=now)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员导入")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.filename
