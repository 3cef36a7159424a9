"""撤并: a unit ends, alone or into a successor, once nothing hangs on it any more."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import OutOfScope
from saleor_o2o.kernel.states import move

from ..blockers import BlockedError, Blocker, Takes, blockers_of
from ..errors import OrgError, OrgErrorCode
from ..events import UnitClosed
from ..levels import UnitStatus
from ..locks import lock_tree
from ..models import OrderAttribution, OrgUnit, PlannedMove, Post, Role
from .editing import check_open
from .handover import hand_over_people
from .history import audit, picture, write_version
from .moving import call_off, rehang
from .rights import Actor, name_of, require_at

CLOSED = action("org_unit.closed", _("撤并机构"))


def close_unit(
    unit: OrgUnit,
    *,
    reason: str,
    by: Actor = None,
    successor: OrgUnit | None = None,
    with_orders: bool = False,
) -> OrgUnit:
    """End a unit for good; with a `successor` of the same level its children, people and old orders go there.

    `with_orders`: the successor takes the unfinished orders too. The past stays: versions, and the path that each
    order was made under. Waiting moves of the unit are called off. Locks: tree, the unit and the successor. Raises
    BlockedError with the list of what is in the way, OrgError (UNIT_CLOSED, SECOND_ROOT, WRONG_LEVEL, REQUIRED),
    NotAllowed, OutOfScope, LockTimeout.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写撤并原因"), field="reason")
    with transaction.atomic():
        lock_tree()
        keys = [unit.pk] + ([successor.pk] if successor else [])
        # The row itself too: an order that is being written here now counts, the next one finds it closed (`landing`).
        rows = {row.pk: row for row in lock_rows(OrgUnit.objects.filter(pk__in=keys))}
        if len(rows) < len(set(keys)):
            raise OutOfScope
        row, heir = rows[unit.pk], rows[successor.pk] if successor else None
        require_at(by, "org_unit.close", row, *([heir] if heir else []))
        _check(row, heir)
        found = left_over(row, merge=heir is not None, with_orders=with_orders)
        if found:
            raise BlockedError(row, found)
        actor = name_of(by)
        if heir is not None:
            _hand_over(row, heir, actor)
        for waiting in lock_rows(PlannedMove.objects.filter(unit=row, state=PlannedMove.State.WAITING)):
            call_off(waiting, actor, str(_("机构已撤并")))
        before = picture(row)
        move(row, "close", actor=actor, reason=reason)
        row.successor = heir
        row.revision += 1
        row.save(update_fields=["successor", "revision"])
        write_version(row, before, actor, reason)
        audit(CLOSED, row, before, actor, reason)
        publish(
            UnitClosed(unit_id=row.pk, successor_id=heir.pk if heir else None, closed_on=today()),
            key=f"org_unit:{row.pk}",
        )
    return row


def left_over(unit: OrgUnit, *, merge: bool, with_orders: bool = False) -> list[Blocker]:
    """The blockers that remain when a merge takes along what it can."""
    taken = {Takes.MERGE} if merge else set()
    if merge and with_orders:
        taken.add(Takes.MERGE_WITH_ORDERS)
    return [one for one in blockers_of(unit) if one.taken_by not in taken]


def _check(unit: OrgUnit, heir: OrgUnit | None) -> None:
    check_open(unit)
    if unit.parent_id is None:
        raise OrgError(OrgErrorCode.SECOND_ROOT, _("市中心不能撤并"))
    if heir is None:
        return
    if heir.pk == unit.pk:
        raise OrgError(OrgErrorCode.CYCLE, _("不能并入自己"), field="successor")
    if heir.level != unit.level:
        raise OrgError(
            OrgErrorCode.WRONG_LEVEL,
            _("只能并入同级机构，“%(name)s”是%(level)s")
            % {"name": heir.name, "level": heir.get_level_display()},
            field="successor",
        )
    if heir.status == UnitStatus.CLOSED:
        raise OrgError(
            OrgErrorCode.PARENT_CLOSED, _("“%(name)s”已撤并") % {"name": heir.name}, field="successor"
        )


def _hand_over(unit: OrgUnit, heir: OrgUnit, actor: str) -> None:
    reason = str(_("%(name)s并入") % {"name": unit.name})[:200]
    for child in unit.children.exclude(status=UnitStatus.CLOSED).order_by("pk"):
        rehang(child, heir, actor, reason)
    hand_over_people(unit, heir, actor, reason)
    Role.objects.filter(owner=unit).update(owner=heir)
    Post.objects.filter(owner=unit).update(owner=heir)
    # Who sees and finishes the orders; the path that they were made under stays for the reports.
    OrderAttribution.objects.filter(unit=unit).update(unit=heir)
