"""抢单: of all who want a task exactly one has it, and the others are told who."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from saleor_o2o.kernel.states import move

from ..checking import locked, may_at, require_at, taken, wrong_state
from ..choices import Basis, Clock, Deed, State
from ..clocks import due
from ..models import DispatchTask
from ..noting import called, named, tell
from ..permissions import ASSIGN, GRAB


@transaction.atomic
def grab(user: Any, pk: Any) -> DispatchTask:
    """Take a task that nobody has; again: no change. One that is offered to the user's unit is accepted with it.

    Locks: the task, before it is looked at. Raises OutOfScope, NotAllowed, DispatchError TAKEN (with who and since
    when) and WRONG_STATE, LockTimeout.
    """
    row = locked(user, pk)
    if row.state == State.TAKEN:
        if row.holder_id == user.pk:
            return row
        raise taken(row)
    if row.state == State.OFFERED and may_at(user, GRAB, row.offered_to):
        return _accept(row, user)
    require_at(user, GRAB, row.unit)
    if row.state != State.WAITING:
        raise wrong_state(row)
    move(row, "take", holder=user, due_at=due(Clock.SEND, row.line, row.unit))
    tell(row, Deed.GRABBED, f"{named(user)}抢单")
    return row


@transaction.atomic
def accept(user: Any, pk: Any, *, seen: str = "") -> DispatchTask:
    """Say yes, for the unit, to a task that another unit offers: it waits there for somebody to take it.

    Locks: the task. Raises OutOfScope, NotAllowed, DispatchError (CHANGED_MEANWHILE, WRONG_STATE), LockTimeout.
    """
    row = locked(user, pk, seen)
    if row.state != State.OFFERED:
        raise wrong_state(row)
    require_at(user, ASSIGN, row.offered_to)
    return _accept(row, None)


def _accept(row: DispatchTask, holder: Any) -> DispatchTask:
    before, kind = row.unit, Clock.GRAB if holder is None else Clock.SEND
    move(
        row, "accept", holder=holder, basis=Basis.PEOPLE, why=f"{called(before)}转来",
        due_at=due(kind, row.line, row.offered_to),
    )  # fmt: skip
    what = f"，{named(holder)}接单" if holder is not None else "，待抢单"
    tell(row, Deed.ACCEPTED, f"{called(row.unit)}接受{called(before)}的转派{what}", from_unit=before)
    return row
