"""拒单: whoever has it in hand, its unit, or the unit that is asked says no, and why; nothing gets lost by it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.kernel.states import move

from ..checking import check_reason, locked, may_at, wrong_state
from ..choices import Basis, Deed, Reason, Stage, State
from ..clocks import due_for
from ..errors import DispatchError
from ..errors import DispatchErrorCode as Code
from ..models import DispatchTask
from ..noting import called, named, tell
from ..permissions import ASSIGN, GRAB
from ..placing import county_of


@transaction.atomic
def refuse(user: Any, pk: Any, reason: str, text: str = "", *, seen: str = "") -> DispatchTask:
    """Say no to a task, as whoever the user is to it:

    - offered to the user's unit: back to whoever had it; the unit that asks takes it back alike;
    - in hand: back to the unit, whose manager gives it to somebody;
    - waiting at the user's branch: up to the county, which decides.

    Locks: the task. Raises OutOfScope, NotAllowed, DispatchError (REQUIRED, TEXT_TOO_LONG, WRONG_STATE, NOTHING_ABOVE,
    CHANGED_MEANWHILE), LockTimeout.
    """
    row = locked(user, pk, seen)
    reason, text = check_reason(reason, text)
    if row.state == State.OFFERED:
        if may_at(user, ASSIGN, row.offered_to):
            return give_back(row, Deed.DECLINED, f"{called(row.offered_to)}拒绝转派", reason, text)
        if row.holder_id == user.pk or may_at(user, ASSIGN, row.unit):
            return give_back(row, Deed.RECALLED, "撤回转派", reason, text)
        raise NotAllowed
    if row.state == State.TAKEN and row.holder_id == user.pk and may_at(user, GRAB, row.unit):
        stage = manager_of(row)
        due_at = due_for(stage, State.WAITING, row.line, row.unit)
        move(row, "give_up", stage=stage, reason=text, due_at=due_at)
        tell(row, Deed.GIVEN_UP, f"{named(user)}退单，待{Stage(stage).label}指派", reason=reason, words=text)
        return row
    if not may_at(user, ASSIGN, row.unit):
        raise NotAllowed
    if row.state != State.WAITING:
        raise wrong_state(row)
    return send_up(row, Deed.SENT_UP, f"{called(row.unit)}退回", reason, text)


def send_up(row: DispatchTask, deed: Deed, text: str, reason: str = "", words: str = "") -> DispatchTask:
    """Give a *locked* task of a branch to the county above. Raises DispatchError NOTHING_ABOVE."""
    before = row.unit
    above = county_of(before) if before.level > Level.COUNTY else None
    if above is None:
        raise DispatchError(Code.NOTHING_ABOVE, _("上面没有可以退回的机构"), hint=_("请改派到能办理的机构"))
    stage = Stage.COUNTY if above.level == Level.COUNTY else Stage.AREA
    why = "，".join(filter(None, (text, str(Reason(reason).label) if reason else "", words)))
    move(
        row, "send_to", unit=above, stage=stage, basis=Basis.PEOPLE, why=why, reason=words[:200],
        due_at=due_for(stage, State.WAITING, row.line, above),
    )  # fmt: skip
    tell(row, deed, f"{text}，交{called(above)}调度", reason=reason, words=words, from_unit=before)
    return row


def give_back(
    row: DispatchTask, deed: Deed, text: str, reason: str = "", words: str = "", *, late_unit: Any = None
) -> DispatchTask:
    """Give a *locked* task that another unit was asked for back to whoever had it; nobody: to the manager.

    `late_unit`: the one that was asked and let the clock run out.
    """
    stage = Stage.STAFF if row.holder_id is not None else manager_of(row)
    state = State.WAITING if row.holder_id is None else State.TAKEN
    move(row, "return_offer", stage=stage, reason=words, due_at=due_for(stage, state, row.line, row.unit))
    back = f"由{named(row.holder)}继续办理" if row.holder_id is not None else f"待{Stage(stage).label}指派"
    tell(row, deed, f"{text}，{back}", reason=reason, words=words, late_unit=late_unit)
    return row


def manager_of(row: DispatchTask) -> Stage:
    """Whose turn it is at a task's unit when its people do not do it."""
    if row.unit.level >= Level.BRANCH:
        return Stage.MANAGER
    return Stage.COUNTY if row.unit.level == Level.COUNTY else Stage.AREA
