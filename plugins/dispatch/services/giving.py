"""指派、转派: a task is given to a person of its unit, or goes to another unit, which is asked unless one is above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text
from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.kernel.states import move

from ..checking import check_reason, locked, may_at, require_at, wrong_state
from ..choices import Basis, Clock, Deed, Reason, State
from ..clocks import due, due_for
from ..errors import DispatchError
from ..errors import DispatchErrorCode as Code
from ..models import DispatchTask
from ..noting import called, named, tell
from ..permissions import ASSIGN, GRAB
from ..placing import stage_at
from ..selectors import Target, hand_at, target_of

#: Tasks that one click gives away at most.
MOST = 100


@dataclass(frozen=True, slots=True)
class Given:
    """What became of one task; `problem` is empty where it was given."""

    pk: int
    number: str
    problem: Text = ""


@transaction.atomic
def assign(user: Any, pk: Any, employee_no: str, *, seen: str = "") -> DispatchTask:
    """Give a task to a person of its unit, whoever had it before. To the same person again: no change.

    Locks: the task. Raises OutOfScope, NotAllowed, DispatchError (NO_SUCH_PERSON, WRONG_STATE, CHANGED_MEANWHILE),
    LockTimeout.
    """
    row = locked(user, pk, seen)
    require_at(user, ASSIGN, row.unit)
    if row.state not in (State.WAITING, State.TAKEN):
        raise wrong_state(row)
    return _give(row, _person(row, employee_no), Deed.ASSIGNED, "指派给")


@transaction.atomic
def send(user: Any, pk: Any, code: str, *, reason: str = "", text: str = "", seen: str = "") -> DispatchTask:
    """Send a task to another unit; it is asked first unless the user holds `dispatch.assign` over both.

    Who may: those who hold `dispatch.assign` over its unit, and whoever has it in hand; both say why. Locks: the task.
    Raises OutOfScope, NotAllowed, DispatchError (NO_SUCH_UNIT, REQUIRED, TEXT_TOO_LONG, WRONG_STATE,
    CHANGED_MEANWHILE), LockTimeout.
    """
    row = locked(user, pk, seen)
    _may_pass_on(user, row)
    reason, text = check_reason(reason, text)
    target = target_of(user, row, code)
    if target is None:
        raise DispatchError(
            Code.NO_SUCH_UNIT, _("不能转派到这个机构"), "unit", _("可以转派到本区县的支局或区县中心")
        )
    if row.state not in (State.WAITING, State.TAKEN):
        raise wrong_state(row)
    return _send(row, target, reason, text)


@transaction.atomic
def pass_on(
    user: Any, pk: Any, employee_no: str, *, reason: str = "", text: str = "", seen: str = ""
) -> DispatchTask:
    """Pass a task in hand on to a colleague of the unit, saying why. Locks and errors as `send`, and NO_SUCH_PERSON."""
    row = locked(user, pk, seen)
    _may_pass_on(user, row)
    reason, text = check_reason(reason, text)
    if row.state != State.TAKEN:
        raise wrong_state(row)
    return _give(row, _person(row, employee_no), Deed.PASSED, "转给", reason, text)


def assign_many(user: Any, keys: Sequence[int], employee_no: str) -> list[Given]:
    """Give several tasks to one person, each in its own transaction with its own answer. Raises TOO_MANY."""
    if len(keys) > MOST:
        raise DispatchError(Code.TOO_MANY, _("每次最多指派 %(most)s 单") % {"most": MOST})
    numbers = dict(DispatchTask.objects.filter(pk__in=keys).values_list("pk", "number"))
    done = []
    for key in sorted(set(keys)):
        number = numbers.get(key, f"#{key}")
        try:
            assign(user, key, employee_no)
        except DomainError as refusal:
            done.append(Given(key, number, refusal.message))
        else:
            done.append(Given(key, number))
    return done


def give_to(row: DispatchTask, holder: Any, text: str) -> DispatchTask:
    """Put a *locked* task that somebody has in hand into other hands, whoever does it (a hand-over)."""
    return _give(row, holder, Deed.PASSED, text)


def _may_pass_on(user: Any, row: DispatchTask) -> None:
    in_hand = row.state == State.TAKEN and row.holder_id == user.pk and may_at(user, GRAB, row.unit)
    if not in_hand and not may_at(user, ASSIGN, row.unit):
        raise NotAllowed


def _person(row: DispatchTask, employee_no: str) -> Any:
    found = hand_at(row.unit, employee_no)
    if found is None:
        raise DispatchError(
            Code.NO_SUCH_PERSON,
            _("%(unit)s没有这个可以办理派单的人员") % {"unit": called(row.unit)},
            "person",
            _("请从人员列表中选择；要交给其他机构的人员，先转派到那个机构"),
        )
    return found


def _give(
    row: DispatchTask, holder: Any, deed: Deed, verb: str, reason: str = "", words: str = ""
) -> DispatchTask:
    if row.state == State.TAKEN and row.holder_id == holder.pk:
        return row
    before = row.holder if row.state == State.TAKEN else None
    name = "take" if row.state == State.WAITING else "hand_on"
    move(row, name, holder=holder, reason=words[:200], due_at=due(Clock.SEND, row.line, row.unit))
    was = f"（原承办人{named(before)}）" if before is not None else ""
    tell(row, deed, f"{verb}{named(holder)}{was}", reason=reason, words=words)
    return row


def _send(row: DispatchTask, target: Target, reason: str, words: str) -> DispatchTask:
    before, unit = row.unit, target.unit
    if not target.direct:
        move(row, "offer", unit=unit, reason=words[:200], due_at=due(Clock.ACCEPT, row.line, unit))
        tell(row, Deed.OFFERED, f"{called(before)}转派给{called(unit)}，待接受", reason=reason, words=words)
        return row
    stage = stage_at(unit)
    why = "，".join(filter(None, (f"{called(before)}转来", str(Reason(reason).label), words)))
    move(
        row, "send_to", unit=unit, stage=stage, basis=Basis.PEOPLE, why=why, reason=words[:200],
        due_at=due_for(stage, State.WAITING, row.line, unit),
    )  # fmt: skip
    tell(
        row,
        Deed.SENT_TO,
        f"由{called(before)}改派{called(unit)}",
        reason=reason,
        words=words,
        from_unit=before,
    )
    return row
