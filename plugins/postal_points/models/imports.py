"""Uploaded files of businesses, kept between the preview and the confirmation."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.imports import FileImport
from saleor_o2o.kernel.crypto import EncryptedJSONField

from .batches import PostalBatch


class PostalImport(FileImport):
    """One uploaded file: mobiles and identity numbers are in it, so encrypted for as long as it waits."""

    rows: Any = EncryptedJSONField(_("内容"), default=list)
    batch = models.OneToOneField(
        PostalBatch, models.PROTECT, null=True, blank=True, related_name="upload", verbose_name=_("批次")
    )

    class Meta(FileImport.Meta):
        verbose_name = verbose_name_plural = _("邮政业务导入")
