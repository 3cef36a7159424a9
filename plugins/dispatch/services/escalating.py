"""A clock ran out: those above are asked, too. Each step once; doing it twice changes nothing."""

from __future__ import annotations

from django.db import transaction

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move
from saleor_o2o.kernel.sweeping import drive_each

from ..choices import NEXT, Deed, Stage, State
from ..clocks import due_for
from ..models import DispatchTask
from ..noting import called, tell
from ..placing import county_of
from .refusing import give_back, manager_of

_CLOCKED = (State.WAITING, State.TAKEN, State.OFFERED)


def sweep(limit: int = 200) -> int:
    """Look at every task whose clock ran out, the longest overdue first; how many. Each in its own transaction."""
    late = DispatchTask.objects.filter(due_at__lte=now(), state__in=_CLOCKED)
    return drive_each(late.order_by("due_at", "pk").values_list("pk", flat=True)[:limit], run_out)


@transaction.atomic
def run_out(pk: int) -> DispatchTask | None:
    """What follows when nobody reacted in time; None where somebody just did. Locks: the task. Raises LockTimeout."""
    late = DispatchTask.objects.filter(pk=pk, due_at__lte=now(), state__in=_CLOCKED)
    rows = lock_rows(late.select_related("unit", "offered_to", "holder"))
    if not rows:
        return None
    row = rows[0]
    if row.state == State.OFFERED:
        asked = row.offered_to
        return give_back(row, Deed.LAPSED, f"{called(asked)}超时未接受转派", late_unit=asked)
    before = Stage(row.stage)
    stage = _next(row)
    move(row, "escalate", stage=stage, due_at=due_for(stage, row.state, row.line, row.unit))
    what = "接单后超时未发出" if row.state == State.TAKEN else f"{before.label}超时未接单"
    tell(row, Deed.ESCALATED, f"{what}，升级到{Stage(stage).label}", late_unit=_at_fault(row, before))
    return row


def _at_fault(row: DispatchTask, stage: Stage) -> OrgUnit:
    """Whose clock ran out: the unit's that has the task; the county's above it once the county was asked."""
    if stage in (Stage.COUNTY, Stage.AREA) and row.state != State.TAKEN:
        return county_of(row.unit) or row.unit
    return row.unit


def _next(row: DispatchTask) -> Stage:
    stage = Stage(row.stage)
    if stage == Stage.STAFF:
        return manager_of(row)
    return NEXT.get(stage, Stage.AREA)
