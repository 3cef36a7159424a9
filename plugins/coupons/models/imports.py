"""Uploaded lists of whom to give coupons, kept between the preview and the confirmation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.imports import FileImport
from saleor_o2o.kernel.crypto import EncryptedJSONField


class CouponImport(FileImport):
    """One uploaded list: telephone numbers may be in it, so encrypted for as long as it waits."""

    rows: Any = EncryptedJSONField(_("内容"), default=list)

    class Meta(FileImport.Meta):
        verbose_name = verbose_name_plural = _("批量发券")
