"""State machines on django-fsm-2: a table of moves, each checked under a row lock and logged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import ANY_OTHER_STATE, ANY_STATE, GET_STATE, RETURN_VALUE, FSMField, TransitionNotAllowed

from .errors import DomainError, KernelErrorCode
from .locks import lock_rows, require_transaction
from .models import StateMove
from .request import current

M = TypeVar("M", bound=Model)

__all__ = [
    "LOG",
    "LOG_TYPES",
    "FSMField",
    "IllegalMove",
    "MoveWords",
    "SubjectGone",
    "history",
    "in_words",
    "log_values",
    "machine",
    "machines",
    "made_all_locked",
    "move",
    "move_all_locked",
    "move_locked",
    "move_once",
    "validate_machine",
]


@dataclass(frozen=True, slots=True)
class Machine:
    """A registered state field and its declared ends."""

    model: type[Model]
    field: str
    terminal: frozenset[str]


_machines: dict[tuple[str, str], Machine] = {}


class IllegalMove(DomainError):
    """The state table, or a condition of the transition, forbids this move now."""

    def __init__(self, state: str, action: str) -> None:
        message = _("当前状态为“%(state)s”，不能执行“%(action)s”") % {"state": state, "action": action}
        super().__init__(KernelErrorCode.ILLEGAL_MOVE, message, hint=_("请刷新后查看最新状态"))
        self.state = state
        self.action = action


class SubjectGone(DomainError):
    """The row to be moved does not exist any more."""

    def __init__(self) -> None:
        super().__init__(KernelErrorCode.NOT_FOUND, _("记录不存在"))


def machine(field: str, *, terminal: Collection[str] = ()) -> Callable[[type[M]], type[M]]:
    """Register a model's state field: `@machine("status", terminal={"closed"})`; checks validate it.

    `terminal` names the states that nothing leaves; every other state must have a way out.
    """

    def register(model: type[M]) -> type[M]:
        entry = Machine(model, field, frozenset(map(str, terminal)))
        _machines[(model._meta.label_lower, field)] = entry
        return model

    return register


def machines() -> tuple[Machine, ...]:
    """Return all registered machines."""
    return tuple(_machines.values())


def move(
    instance: Model, transition_name: str, /, *, actor: str | None = None, reason: str = "", **kwargs: Any
) -> StateMove:
    """Run a transition on a saved row: lock, refresh, check, run, save, log, in one transaction.

    `instance` takes over the row's current values first: unsaved changes on it are lost. `kwargs` go to the
    transition method. `actor` defaults to the request's. If anything raises, nothing is written and the
    instance must be thrown away. Locks: the row. Raises IllegalMove, SubjectGone, LockTimeout, and
    LookupError for a transition that the model does not have.
    """
    method = _transition(instance, transition_name)
    with transaction.atomic():
        _lock_and_refresh(instance)
        return _run(instance, method, actor, reason, kwargs)


def move_locked(
    instance: Model, transition_name: str, /, *, actor: str | None = None, reason: str = "", **kwargs: Any
) -> StateMove:
    """`move` for a row that the caller has locked, and read under the lock, in this transaction.

    Nothing is locked, refreshed or wrapped in a savepoint again: if it raises, the transaction must roll back. Raises
    TransactionManagementError outside one, otherwise as `move`.
    """
    require_transaction()
    return _run(instance, _transition(instance, transition_name), actor, reason, kwargs)


def move_all_locked(
    rows: Sequence[M],
    transition_name: str,
    /,
    *,
    fields: Collection[str] = (),
    actor: str | None = None,
    reason: str = "",
) -> None:
    """`move_locked` for many rows of one model, in two statements: what it did to each is saved, and logged.

    `fields` names what the transition or the caller changed besides the state. All or none: if one of them may not,
    the transaction must roll back. Raises as `move_locked`.
    """
    if not rows:
        return
    moves = made_all_locked(rows, transition_name, actor=actor, reason=reason)
    names = [moves[0].field, *fields]
    values = [{name: getattr(row, name) for name in names} for row in rows]
    if all(one == values[0] for one in values):
        # said once for all of them: a CASE for each row costs more to put together than to carry out
        type(rows[0])._base_manager.filter(pk__in=[row.pk for row in rows]).update(**values[0])
    else:
        type(rows[0])._base_manager.bulk_update(rows, names)
    _write_moves(moves)


def made_all_locked(
    rows: Sequence[M], transition_name: str, /, *, actor: str | None = None, reason: str = ""
) -> list[StateMove]:
    """Run a transition on rows that the caller has locked, and write nothing: what is to be logged of each.

    For the few who save and log in a statement of their own (`LOG`, `log_values`), with all else that follows. They
    must do both, or roll back. Raises as `move_locked`.
    """
    require_transaction()
    method = _transition(rows[0], transition_name)
    field = method._django_fsm.field
    moves = []
    for row in rows:
        source = field.get_state(row)
        _apply(row, method, {})
        moves.append(_logged(row, method, source, actor, reason))
    return moves


def move_once(
    instance: Model, transition_name: str, /, *, actor: str | None = None, reason: str = "", **kwargs: Any
) -> StateMove | None:
    """`move`, but None when the row is already where the transition leads: for news that comes twice.

    Locks and errors as `move`.
    """
    method = _transition(instance, transition_name)
    with transaction.atomic():
        _lock_and_refresh(instance)
        meta = method._django_fsm
        state = meta.field.get_state(instance)
        targets = {target for item in meta.transitions.values() for target in _targets(item.target)}
        if state in targets and not meta.has_transition(state):
            return None
        return _run(instance, method, actor, reason, kwargs)


def history(instance: Model, field: str | None = None) -> QuerySet[StateMove]:
    """Return the logged moves of a row, oldest first."""
    moves = StateMove.objects.filter(subject_type=instance._meta.label_lower, subject_id=str(instance.pk))
    return moves.order_by("pk") if field is None else moves.filter(field=field).order_by("pk")


@dataclass(frozen=True, slots=True)
class MoveWords:
    """A move as people call it."""

    action: str
    source: str
    target: str


def in_words(moved: StateMove) -> MoveWords:
    """What was done and from which state to which; codes where the machine is no more, or was another."""
    entry = _machines.get((moved.subject_type, moved.field))
    method = getattr(entry.model, moved.transition, None) if entry is not None else None
    if entry is None or not hasattr(method, "_django_fsm"):
        return MoveWords(moved.transition, moved.source, moved.target)
    field = entry.model._meta.get_field(moved.field)
    return MoveWords(
        _action_label(method, moved.source),
        _state_label(field, moved.source),
        _state_label(field, moved.target),
    )


def validate_machine(model: type[Model], field: str, terminal: Collection[str] | None = None) -> list[str]:
    """Return what is wrong with a state table; empty when it is sound.

    Checked: the field is protected and has choices and a default among them; every move starts and ends in
    a known state; every state is reachable from the default; terminal states (by default the registered
    ones) have no way out and all others have one; no `on_error`, which a rollback would undo.
    """
    state_field = model._meta.get_field(field)
    if not isinstance(state_field, FSMField):
        return [f"{field} 不是 FSMField"]
    problems: list[str] = []
    if not state_field.protected:
        problems.append("字段必须声明 protected=True")
    states = {str(value) for value, _label in state_field.flatchoices}
    if not states:
        return [*problems, "字段没有声明 choices"]
    initial = str(state_field.get_default())
    if initial not in states:
        return [*problems, f"初始状态 {initial!r} 不在 choices 中"]
    if terminal is None:
        entry = _machines.get((model._meta.label_lower, field))
        terminal = entry.terminal if entry else ()
    ends = {str(state) for state in terminal}
    problems += [f"终止状态 {state!r} 不在 choices 中" for state in sorted(ends - states)]

    exits: dict[str, set[str]] = {state: set() for state in states}
    for name, item in _all_transitions(state_field, model):
        if item.on_error:
            problems.append(f"{name}: on_error 会被回滚，不能使用")
        if isinstance(item.target, RETURN_VALUE | GET_STATE) and not item.target.allowed_states:
            problems.append(f"{name}: 动态目标必须列出可能的状态")
        targets = {str(target) for target in _targets(item.target)}
        problems += [f"{name}: 未知目标状态 {state!r}" for state in sorted(targets - states)]
        if item.source in (ANY_STATE, ANY_OTHER_STATE):
            sources = states - targets if item.source == ANY_OTHER_STATE else states
        else:
            sources = {str(item.source)}
            problems += [f"{name}: 未知起始状态 {state!r}" for state in sorted(sources - states)]
        for source in sources & states:
            exits[source] |= targets & states

    reached, frontier = {initial}, [initial]
    while frontier:
        fresh = exits[frontier.pop()] - reached
        reached |= fresh
        frontier += fresh
    problems += [f"状态 {state!r} 无法到达" for state in sorted(states - reached)]
    problems += [f"终止状态 {state!r} 还有出口" for state in sorted(ends & states) if exits[state]]
    problems += [
        f"状态 {state!r} 没有出口，也没有声明为终止状态"
        for state in sorted(states - ends)
        if not exits[state] - {state}
    ]
    return problems


def _transition(instance: Model, name: str) -> Any:
    method = getattr(type(instance), name, None)
    if not hasattr(method, "_django_fsm"):
        raise LookupError(f"{instance._meta.label} has no transition {name!r}")
    return method


def _lock_and_refresh(instance: Model) -> None:
    rows = lock_rows(type(instance)._base_manager.filter(pk=instance.pk))
    if not rows:
        raise SubjectGone
    # Not refresh_from_db: a protected state field refuses it, and the library's mixin lifts the protection
    # for all threads at once while it reads.
    for field in instance._meta.concrete_fields:
        instance.__dict__[field.attname] = rows[0].__dict__[field.attname]
    instance._state.fields_cache.clear()


def _run(instance: Model, method: Any, actor: str | None, reason: str, kwargs: dict[str, Any]) -> StateMove:
    source = method._django_fsm.field.get_state(instance)
    _apply(instance, method, kwargs)
    instance.save()
    moved = _logged(instance, method, source, actor, reason)
    moved.save(force_insert=True)
    return moved


def _apply(instance: Model, method: Any, kwargs: dict[str, Any]) -> None:
    field = method._django_fsm.field
    source = field.get_state(instance)
    try:
        method(instance, **kwargs)
    except TransitionNotAllowed as error:
        raise IllegalMove(_state_label(field, source), _action_label(method, source)) from error


def _logged(instance: Model, method: Any, source: Any, actor: str | None, reason: str) -> StateMove:
    """The log's row of a move that was made, not saved yet."""
    field = method._django_fsm.field
    context = current()
    return StateMove(
        subject_type=instance._meta.label_lower,
        subject_id=str(instance.pk),
        field=field.name,
        transition=method.__name__,
        source=str(source),
        target=str(field.get_state(instance)),
        actor=actor or context.actor,
        reason=reason,
        request_id=context.request_id,
    )


#: Columns of the log.
_MOVE = (
    "subject_type", "subject_id", "field", "transition", "source", "target", "actor", "reason", "request_id", "at",
)  # fmt: skip
#: The values of `LOG`, with their types: arrays of one length.
LOG_TYPES = {f"move_{name}": "timestamptz[]" if name == "at" else "text[]" for name in _MOVE}
_VALUES = ", ".join(f"%({name})s::{kind}" for name, kind in LOG_TYPES.items())
_PLACED = f"unnest({_VALUES}) WITH ORDINALITY AS one({', '.join(_MOVE)}, place)"
#: Logs moves that were made together, in their order; also as a part of a greater statement.
LOG = f"""
INSERT INTO o2o_kernel_statemove ({", ".join(_MOVE)}) SELECT {", ".join(_MOVE)} FROM {_PLACED} ORDER BY place
"""  # noqa: S608 - names of columns


def log_values(moves: Sequence[StateMove]) -> dict[str, list[Any]]:
    """The values of `LOG`."""
    return {
        f"move_{name}": [getattr(one, name) if name == "at" else str(getattr(one, name)) for one in moves]
        for name in _MOVE
    }


def _write_moves(moves: Sequence[StateMove]) -> None:
    """Log moves that were made together, in their order. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(LOG, log_values(moves))


def _targets(target: Any) -> Collection[Any]:
    if target is None:
        return ()
    if isinstance(target, RETURN_VALUE | GET_STATE):
        return tuple(target.allowed_states)
    return (target,)


def _all_transitions(field: Any, model: type[Model]) -> Iterator[tuple[str, Any]]:
    for item in field.get_all_transitions(model):
        yield item.name, item


def _state_label(field: Any, state: Any) -> str:
    return str(dict(field.flatchoices).get(state, state))


def _action_label(method: Any, state: Any) -> str:
    meta = method._django_fsm
    item = meta.get_transition(state) or next(iter(meta.transitions.values()))
    return str(item.custom.get("label", method.__name__))
