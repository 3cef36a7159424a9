"""Uploaded files of members, kept between the preview and the confirmation."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.imports import FileImport
from saleor_o2o.kernel.crypto import EncryptedJSONField


class MemberImport(FileImport):
    """One uploaded file of members: telephone numbers, so encrypted for as long as it waits."""

    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("登记机构")
    )
    rows: Any = EncryptedJSONField(_("内容"), default=list)
    skipped_count = models.PositiveIntegerField(_("跳过"), default=0)

    class Meta(FileImport.Meta):
        verbose_name = verbose_name_plural = _("会员导入")
