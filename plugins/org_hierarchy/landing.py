"""Where a new order lands: the unit that a source named, as it is at the moment the order is written.

A source read the unit a moment ago; since then it may have been merged away, or be about to be. `land` settles that in
the transaction of the order: it takes the unit's row in key-share mode, the lock that the order's foreign key takes at
the commit anyway, only earlier. `close_unit` takes the same row for itself: either it comes first, and the order finds
the unit closed and goes to the successor; or it waits for the order and finds it among what it has to hand over.
Re-parenting, editing and importing do not touch the key and do not wait, nor are they waited for.
"""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import bounded_wait

from .errors import OrgError, OrgErrorCode
from .levels import UnitStatus
from .models import OrgUnit, PlannedMove

_READ = f"""
    SELECT unit.path, unit.status, coalesce(unit.successor_id, unit.parent_id), EXISTS (
        SELECT 1 FROM {PlannedMove._meta.db_table} WHERE state = %s AND effective_on <= %s
    ) FROM {OrgUnit._meta.db_table} unit WHERE unit.id = %s FOR KEY SHARE OF unit
"""  # noqa: S608 - names of tables only
#: Mergers after each other that an order may follow.
MOST = 20


def land(unit: OrgUnit) -> tuple[int, str]:
    """The key and path under which an order of this unit is written now: an open unit, and where it stands today.

    A closed unit's successor takes it; a unit that ended without one is followed by its parent. A re-parenting whose
    day has come counts from midnight on, even before the job has written it. Locks: the unit's key, shared, until the
    transaction ends; last but for what the order's own rows take. Raises OrgError UNIT_CLOSED, LockTimeout.
    """
    key: int | None = unit.pk
    for _hop in range(MOST):
        with bounded_wait(), connection.cursor() as cursor:
            cursor.execute(_READ, [PlannedMove.State.WAITING, today(), key])
            found = cursor.fetchone()
        if found is None:
            break
        path, status, onward, due = found
        if status != UnitStatus.CLOSED:
            return int(key or 0), path_today(path) if due else str(path)
        key = onward
    raise OrgError(
        OrgErrorCode.UNIT_CLOSED,
        _("机构“%(unit)s”已撤并，没有承接的机构") % {"unit": unit.name},
        hint=_("请联系上级机构"),
    )


def path_today(path: str) -> str:
    """A path as it will be once the moves that are due are carried out in their order; impossible ones do nothing."""
    from .services.moving import check_move

    due = PlannedMove.objects.filter(state=PlannedMove.State.WAITING, effective_on__lte=today())
    moved: dict[str, str] = {}  # beginnings of paths, as they are stored and as they will be

    def now_at(stored: str) -> str:
        for old, new in moved.items():
            if stored.startswith(old):
                stored = new + stored[len(old) :]
        return stored

    for planned in due.select_related("unit", "parent").order_by("effective_on", "pk"):
        unit, parent = planned.unit, planned.parent
        unit.path, parent.path = now_at(unit.path), now_at(parent.path)
        try:
            check_move(unit, parent)
        except DomainError:
            continue
        moved[unit.path] = f"{parent.path}{unit.pk}/"
    return now_at(path)
