"""Uploaded files of units and of people, kept between the preview and the confirmation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.imports import FileImport, ImportState
from saleor_o2o.kernel.crypto import EncryptedJSONField

__all__ = ["ImportState", "StaffImport", "UnitImport"]


class UnitImport(FileImport):
    """One uploaded file of units."""

    class Meta(FileImport.Meta):
        verbose_name = verbose_name_plural = _("机构导入")


class StaffImport(FileImport):
    """One uploaded file of people: telephone and identity numbers, so encrypted for as long as it waits."""

    rows = EncryptedJSONField(_("内容"), default=list)

    class Meta(FileImport.Meta):
        verbose_name = verbose_name_plural = _("人员导入")
