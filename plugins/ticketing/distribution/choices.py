"""The words of distribution."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    """What a distributor tells."""

    ISSUED = "order.issued", _("出票")
    FAILED = "order.failed", _("出票失败")
    CONSUMED = "order.consumed", _("核销")
    REFUND = "refund.audited", _("退票审核")
    PRODUCT = "product.changed", _("产品变更")
