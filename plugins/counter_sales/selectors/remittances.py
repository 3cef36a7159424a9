"""Who has not handed in what the shifts left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import rows_for

from ..models import CounterRules, FloatAccount, Remittance, RemittanceState, Shift, ShiftState
from ..permissions import VERIFY_REMITTANCE
from .shifts import needs_shift

#: Slips that have not left the branch.
AT_THE_BRANCH = (RemittanceState.DRAFT, RemittanceState.RETURNED)


@dataclass(frozen=True, slots=True)
class Late:
    """A unit whose closed shifts are not on a submitted slip, though the hour of their day is past."""

    unit: OrgUnit
    shifts: int
    since: datetime
    due: datetime


def hands_in_by_slip(account: FloatAccount) -> bool:
    """True when cash of this float comes in on slips: by its unit's rule, or because shifts or slips are under way.

    A shop's own float has no shifts, so no slips. At most three statements.
    """
    if account.channel_code:
        return False
    if needs_shift(account.unit_id):
        return True
    shifts = Shift.objects.filter(unit=account.unit_id, remittance=None)
    slips = Remittance.objects.filter(account=account).exclude(state=RemittanceState.BOOKED)
    return slips.exists() or shifts.exists()


def not_handed_in(user: Any) -> list[Late]:
    """Units under the user that are late, the longest late first. Three statements."""
    waiting = Q(remittance=None) | Q(remittance__state__in=AT_THE_BRANCH)
    units = rows_for(user, OrgUnit, VERIFY_REMITTANCE).values("pk")
    rows = Shift.objects.filter(waiting, state=ShiftState.CLOSED, unit__in=units).select_related("unit")
    shifts = list(rows.order_by("closed_at"))
    rules = {one.unit_id: one.remit_by for one in CounterRules.objects.filter(unit__in=units)}
    found: dict[int, Late] = {}
    for shift in shifts:
        if shift.closed_at is None or shift.unit_id not in rules:
            continue
        day = timezone.localdate(shift.closed_at)
        due = timezone.make_aware(datetime.combine(day, rules[shift.unit_id]))
        if due > now():
            continue
        before = found.get(shift.unit_id)
        found[shift.unit_id] = Late(
            shift.unit,
            (before.shifts if before else 0) + 1,
            before.since if before else shift.closed_at,
            before.due if before else due,
        )
    return sorted(found.values(), key=lambda late: late.due)
