"""变更隶属: a unit with everything below it goes to another parent, at once or on a day to come."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Value, When
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, snapshot
from saleor_o2o.kernel.audit import record as record_audit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import LockTimeout, bounded_wait, lock_rows
from saleor_o2o.kernel.scope import OutOfScope

from ..errors import OrgError, OrgErrorCode
from ..events import UnitMoved
from ..locks import lock_tree
from ..models import OrgUnit, PlannedMove, UnitVersion
from ..paths import path_of
from .editing import check_open
from .history import audit, difference, picture, write_versions_below
from .placing import check_place
from .rights import Actor, name_of, require_at

MOVED = action("org_unit.moved", _("变更隶属"))
PLANNED = action("org_unit.move_planned", _("登记隶属变更"))
CANCELLED = action("org_unit.move_cancelled", _("取消隶属变更"))
FAILED = action("org_unit.move_failed", _("隶属变更未能生效"))

State = PlannedMove.State


def move_unit(
    unit: OrgUnit, parent: OrgUnit, *, reason: str, by: Actor = None, on: date | None = None
) -> PlannedMove:
    """Put a unit below another parent: today or without a date at once, later on that day. Returns the noted move.

    The person needs the right over the unit, the parent it leaves and the one it comes to. Locks: tree; the subtree
    while its paths are written. Raises OrgError (CYCLE, WRONG_LEVEL, PARENT_CLOSED, UNIT_CLOSED, SECOND_ROOT,
    DATE_IN_PAST, MOVE_WAITING, REQUIRED), NotAllowed, OutOfScope, LockTimeout.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写变更原因"), field="reason")
    if on is not None and on < today():
        raise OrgError(
            OrgErrorCode.DATE_IN_PAST,
            _("生效日期不能早于今天"),
            field="effective_on",
            hint=_("过去的统计不会改动；请选择今天或以后的日期"),
        )
    with transaction.atomic():
        lock_tree()
        row, above = _both(unit, parent)
        require_at(by, "org_unit.move", row, above, *([row.parent] if row.parent else []))
        check_move(row, above)
        waiting = PlannedMove.objects.filter(unit=row, state=State.WAITING).first()
        if waiting is not None:
            raise OrgError(
                OrgErrorCode.MOVE_WAITING,
                _("已登记 %(day)s 变更到“%(parent)s”")
                % {"day": waiting.effective_on, "parent": waiting.parent.name},
                hint=_("请先取消已登记的变更"),
            )
        planned = PlannedMove(
            unit=row, parent=above, effective_on=on or today(), reason=reason[:200], actor=name_of(by)
        )
        if planned.effective_on > today():
            planned.save()
            record_audit(PLANNED, row, after=snapshot(planned), actor=planned.actor, org_path=row.path)
        else:
            _carry_out(planned, row, above)
    return planned


def _both(unit: OrgUnit, parent: OrgUnit) -> tuple[OrgUnit, OrgUnit]:
    """Unit and parent as they are now, under the tree's lock."""
    rows = OrgUnit.objects.select_related("parent").in_bulk([unit.pk, parent.pk])
    if len(rows) < len({unit.pk, parent.pk}):
        raise OutOfScope
    return rows[unit.pk], rows[parent.pk]


def check_move(unit: OrgUnit, parent: OrgUnit) -> None:
    """Raise OrgError unless the unit may go below the parent. Under the tree's lock."""
    if unit.parent_id is None:
        raise OrgError(OrgErrorCode.SECOND_ROOT, _("市中心没有上级，不能变更隶属"), field="parent")
    check_open(unit)
    if parent.path.startswith(unit.path):
        raise OrgError(
            OrgErrorCode.CYCLE,
            _("不能把机构划到它自己或它的下级之下"),
            field="parent",
            hint=_("请选择本机构范围以外的上级"),
        )
    check_place(unit.level, parent)
    if unit.parent_id == parent.pk:
        raise OrgError(
            OrgErrorCode.INVALID, _("“%(name)s”已经是它的上级") % {"name": parent.name}, field="parent"
        )


def rehang(unit: OrgUnit, parent: OrgUnit, actor: str, reason: str) -> int:
    """Write the new place of a unit and of all below it; returns how many units. Checked, and the tree is locked.

    Levels stay: a unit never changes its level. One UPDATE for the paths, three statements for the versions.
    """
    before, old = picture(unit), unit.path
    new = path_of(parent.path, unit.pk)
    with bounded_wait():
        count = OrgUnit.objects.filter(path__startswith=old).update(
            path=Concat(Value(new), Substr("path", len(old) + 1)),
            parent=Case(
                When(pk=unit.pk, then=Value(parent.pk)), default=F("parent"), output_field=BigIntegerField()
            ),
            revision=F("revision") + 1,
        )
    unit.parent, unit.path, unit.revision = parent, new, unit.revision + 1
    write_versions_below(old, unit, actor, reason, now())
    UnitVersion.objects.filter(unit=unit, revision=unit.revision).update(
        changed=difference(before, picture(unit))
    )
    audit(MOVED, unit, before, actor, reason)
    publish(UnitMoved(unit_id=unit.pk, old_path=old, new_path=new, units=count), key=f"org_unit:{unit.pk}")
    return count


def _carry_out(planned: PlannedMove, unit: OrgUnit, parent: OrgUnit) -> None:
    rehang(unit, parent, planned.actor, planned.reason)
    planned.state, planned.done_at = State.DONE, now()
    planned.save()


def cancel_move(planned: PlannedMove, *, by: Actor = None, reason: str = "") -> PlannedMove:
    """Call off a waiting move. Locks: tree, the move. Raises OrgError(INVALID) when it is not waiting any more."""
    with transaction.atomic():
        lock_tree()
        rows = lock_rows(PlannedMove.objects.select_related("unit").filter(pk=planned.pk))
        if not rows:
            raise OutOfScope
        row = rows[0]
        require_at(by, "org_unit.move", row.unit)
        if row.state != State.WAITING:
            raise OrgError(
                OrgErrorCode.INVALID,
                _("这次变更的状态是“%(state)s”，不能取消") % {"state": row.get_state_display()},
            )
        call_off(row, name_of(by), reason)
    return row


def call_off(planned: PlannedMove, actor: str, reason: str) -> None:
    """Mark a waiting, locked move as cancelled."""
    before = snapshot(planned)
    planned.state, planned.problem, planned.done_at = State.CANCELLED, reason[:200], now()
    planned.save()
    record_audit(
        CANCELLED,
        planned.unit,
        before=before,
        after=snapshot(planned),
        actor=actor,
        org_path=planned.unit.path,
    )


def apply_due_moves() -> dict[str, int]:
    """Carry out the waiting moves whose day has come, each in a transaction of its own; how many ended how.

    What has become impossible is marked as failed, in words. What could not get the lock waits for the next run.
    """
    ended = {"done": 0, "failed": 0, "later": 0}
    due = PlannedMove.objects.filter(state=State.WAITING, effective_on__lte=today())
    for pk in list(due.order_by("effective_on", "pk").values_list("pk", flat=True)):
        try:
            ended[_apply(pk)] += 1
        except LockTimeout:
            ended["later"] += 1
    return ended


def _apply(pk: int) -> str:
    with transaction.atomic():
        lock_tree()
        rows = lock_rows(PlannedMove.objects.filter(pk=pk, state=State.WAITING))
        if not rows:
            return "later"
        planned = rows[0]
        unit, parent = _both(planned.unit, planned.parent)
        try:
            check_move(unit, parent)
        except DomainError as error:
            before = snapshot(planned)
            planned.state, planned.problem, planned.done_at = State.FAILED, error.message[:200], now()
            planned.save()
            record_audit(
                FAILED, unit, before=before, after=snapshot(planned), actor=planned.actor, org_path=unit.path
            )
            return "failed"
        _carry_out(planned, unit, parent)
        return "done"
