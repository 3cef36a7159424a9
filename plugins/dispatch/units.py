"""What dispatch tells the organisation: what keeps a unit open, what a leaver has in hand; and what follows from it."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import (
    Blocker,
    Holding,
    OrgUnit,
    Staff,
    Takes,
    register_blocker,
    register_holding,
)
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import OutOfScope

from .choices import OPEN, Deed, State
from .errors import DispatchError
from .models import DispatchTask
from .noting import called, tell
from .selectors import open_tasks

logger = logging.getLogger(__name__)
LISTED = 200


def install() -> None:
    """Register; called once when the app is ready."""
    register_blocker("dispatch.tasks", _blockers)
    register_holding("dispatch", _("在办的派单"), _in_hand)


def _blockers(unit: OrgUnit) -> list[Blocker]:
    href = f"{reverse('admin:o2o_dispatch_dispatchtask_changelist')}?unit={unit.code}&turn=open"
    return [Blocker(_("未完成的派单"), open_tasks(unit).count(), href, Takes.MERGE)]


def _in_hand(staff: Staff) -> Iterable[Holding]:
    rows = (
        DispatchTask.objects.filter(holder_id=staff.user_id, state=State.TAKEN)
        .select_related("unit")
        .order_by("pk")
    )
    for row in rows[:LISTED]:

        def hand(heir: Staff, _actor: str, pk: int = row.pk, leaver: int = staff.user_id) -> None:
            from .services.giving import give_to

            found = lock_rows(DispatchTask.objects.filter(pk=pk, state=State.TAKEN, holder_id=leaver))
            if not found:
                raise OutOfScope
            give_to(found[0], heir.user, "交接给")

        yield Holding(
            "dispatch", str(row.pk), _("派单 %(number)s") % {"number": row.number}, row.unit.name,
            href=f"admin:o2o_dispatch_dispatchtask_change:{row.pk}", hand=hand,
        )  # fmt: skip


@transaction.atomic
def follow_merge(unit_id: int, heir_id: int) -> int:
    """Open tasks of a unit that ended are its successor's: state, hands and clocks stay. Again: no change; how many.

    Locks: the tasks, in key order.
    """
    old, heir = OrgUnit.objects.get(pk=unit_id), OrgUnit.objects.get(pk=heir_id)
    rows = lock_rows(DispatchTask.objects.filter(unit_id=unit_id, state__in=OPEN))
    for row in rows:
        row.unit, row.org_path = heir, heir.path
        row.save(update_fields=["unit", "org_path"])
        tell(row, Deed.MERGED, f"{called(old)}撤并，由{called(heir)}承接", from_unit=old)
    DispatchTask.objects.filter(offered_to_id=unit_id, state=State.OFFERED).update(offered_to=heir)
    return len(rows)


@transaction.atomic
def follow_suspension(unit_id: int) -> int:
    """What waits at a unit that stopped goes to the county; what it was asked for goes back. Answers how many.

    Again: no change. What is in somebody's hands stays there. Locks: the tasks, in key order.
    """
    from .services.refusing import give_back, send_up

    unit = OrgUnit.objects.get(pk=unit_id)
    waiting = DispatchTask.objects.filter(unit_id=unit_id, state=State.WAITING).select_related("unit")
    asked = DispatchTask.objects.filter(offered_to_id=unit_id, state=State.OFFERED).select_related(
        "unit", "holder"
    )
    rows = lock_rows(waiting)
    for row in rows:
        try:
            send_up(row, Deed.SENT_UP, f"{called(unit)}停用")
        except DispatchError:  # a centre: nobody above, it stays in sight of those who see it
            logger.warning("dispatch task %s stays with a unit that stopped", row.pk)
    for row in lock_rows(asked):
        give_back(row, Deed.DECLINED, f"{called(unit)}停用，转派退回")
    return len(rows)
