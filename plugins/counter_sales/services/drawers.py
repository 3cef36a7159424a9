"""Drawers and the rules of a unit's counter."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.scope import get_row, require

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..locks import lock_drawer
from ..models import RUNNING, CounterRules, Drawer, Shift
from ..permissions import SHIFTS, require_at

DRAWER_SAVED = audit.action("counter.drawer_saved", _("登记台席"))
RULES_SAVED = audit.action("counter.rules_saved", _("变更柜台规则"))


def save_drawer(user: Any, pk: int | None, *, unit: OrgUnit, name: str, is_active: bool) -> Drawer:
    """Write a drawer, new without `pk`. Locks: the drawer. Raises OutOfScope, NotAllowed, CounterError.

    DRAWER_EXISTS: the unit has one of this name. SHIFT_BUSY: somebody is at it; it is neither moved nor put away.
    """
    require_at(user, SHIFTS, unit)
    try:
        with transaction.atomic():
            return _save_drawer(user, pk, unit, name.strip(), is_active)
    except IntegrityError as error:
        raise CounterError(Code.DRAWER_EXISTS, _("这个机构已有同名台席"), "name") from error


def _save_drawer(user: Any, pk: int | None, unit: OrgUnit, name: str, is_active: bool) -> Drawer:
    if pk is None:
        drawer, before = Drawer(), None
    else:
        require(user, SHIFTS, get_row(user, Drawer, pk=pk))
        drawer = lock_drawer(pk)
        before = audit.snapshot(drawer)
        if drawer.unit_id != unit.pk and drawer.shifts.exists():
            raise CounterError(Code.SHIFT_BUSY, _("有过班次的台席不能换机构"), "unit", _("请停用后另建"))
        if not is_active and Shift.objects.filter(drawer=drawer, state__in=RUNNING).exists():
            raise CounterError(Code.SHIFT_BUSY, _("这个台席有人当班，交班后才能停用"), "is_active")
    drawer.unit, drawer.name, drawer.is_active = unit, name, is_active
    drawer.save()
    audit.record(DRAWER_SAVED, drawer, before=before, after=audit.snapshot(drawer), org_path=unit.path)
    return drawer


@transaction.atomic
def save_rules(
    user: Any, *, unit: OrgUnit, needs_shift: bool, difference_limit: Decimal, remit_by: time
) -> CounterRules:
    """Write the rules of a unit's counter. `difference_limit` in yuan.

    Raises NotAllowed, CounterError AMOUNT_INVALID.
    """
    require_at(user, SHIFTS, unit)
    if to_fen(difference_limit) < 0:
        raise CounterError(Code.AMOUNT_INVALID, _("差异上限不能为负数"), "difference_limit")
    rules, _made = CounterRules.objects.update_or_create(
        unit=unit,
        defaults={"needs_shift": needs_shift, "difference_limit": difference_limit, "remit_by": remit_by},
    )
    audit.record(RULES_SAVED, rules, after=audit.snapshot(rules), org_path=unit.path)
    return rules
