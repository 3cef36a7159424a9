"""Which drawers somebody may open, and who may take over."""

from __future__ import annotations

from typing import Any

from saleor.account.models import User

from plugins.org_hierarchy.interfaces import OrgUnit, Staff
from saleor_o2o.kernel.scope import rows_for

from ..models import RUNNING, Drawer, Shift
from ..permissions import SELL, may_at

#: Drawers offered for choice, and people.
OFFERED = 50


def drawers_for(user: Any) -> list[Drawer]:
    """Drawers in use of the units where the user sells, with who is at them (`running`). Own unit first."""
    units = list(rows_for(user, OrgUnit, SELL).values_list("pk", flat=True)[:500])
    staff = getattr(user, "o2o_staff", None)
    own = staff.unit_id if staff is not None else None
    rows = Drawer.objects.filter(unit__in={*units, own}, is_active=True).select_related("unit")
    found = [one for one in rows.order_by("unit__path", "name")[:OFFERED] if may_at(user, SELL, one.unit)]
    busy = {
        one.drawer_id: one
        for one in Shift.objects.filter(drawer__in=found, state__in=RUNNING).select_related("clerk")
    }
    for one in found:
        one.running = busy.get(one.pk)  # type: ignore[attr-defined]
    return sorted(found, key=lambda one: one.unit_id != own)


def colleagues_of(shift: Shift) -> list[User]:
    """Who of the shift's unit may take the drawer over."""
    people = Staff.objects.filter(unit=shift.unit_id, user__is_active=True).exclude(user=shift.clerk_id)
    found = [one.user for one in people.select_related("user").order_by("pk")[:OFFERED]]
    return [one for one in found if may_at(one, SELL, shift.unit)]
