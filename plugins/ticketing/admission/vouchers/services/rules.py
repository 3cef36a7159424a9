"""How a product's people are let in, set by whoever answers for it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed

from ...models import AdmissionProduct, EntryRule
from ..access import RULES
from ..choices import ExpiryPolicy
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code

SET = audit.action("ticketing.entry_rule_set", _("设置入场规则"))


def set_rule(
    by: Any,
    product: AdmissionProduct,
    *,
    rotating: bool,
    documents: bool,
    doors_minutes: int,
    unused: str,
    reason: str,
) -> EntryRule:
    """For tickets issued from now on, and for what ends unused from now on. Raises NotAllowed, REQUIRED, INVALID."""
    if not may_at(by, RULES, product.unit):
        raise NotAllowed
    if len(reason.strip()) < 2:
        raise VoucherError(Code.REQUIRED, _("请写明依据"), "reason")
    if unused not in ExpiryPolicy.values:
        raise VoucherError(Code.INVALID, _("请选择过期未用怎样处理"), "unused")
    if not 0 <= doors_minutes <= 24 * 60:
        raise VoucherError(Code.INVALID, _("提前入场不超过 24 小时"), "doors_minutes")
    told = {
        "doors_minutes": doors_minutes,
        "rotating": rotating,
        "documents": documents,
        "unused": unused,
        "reason": reason.strip()[:200],
    }
    with transaction.atomic():
        row, _new = EntryRule.objects.update_or_create(
            product=product, defaults={**told, "made_by": by, "made_at": now()}
        )
        audit.record(SET, row, after=told, actor=actor_label(by), org_path=product.unit.path)
    return row
