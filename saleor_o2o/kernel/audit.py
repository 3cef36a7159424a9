"""Audit: an append-only line for every important change, with secrets and personal data hidden."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from .crypto import EncryptedTextField
from .errors import Text
from .masking import HIDDEN
from .models import AuditEntry
from .redaction import redact
from .request import current

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


@dataclass(frozen=True, slots=True)
class Action:
    """A registered kind of audit line."""

    name: str
    label: Text


_actions: dict[str, Action] = {}
#: Which organisation a line belongs to, from its actor and subject; set by the composition.
_org_path_of: Callable[[str, Model | None], str | None] | None = None


def use_org_path(finder: Callable[[str, Model | None], str | None] | None) -> None:
    """Let `finder(actor, subject)` say where lines belong that are recorded without an `org_path`; None: nowhere."""
    global _org_path_of
    _org_path_of = finder


class Directory(Protocol):
    """Who and where the audit's short names are, for people who read and search it."""

    def names(self, actors: Iterable[str], paths: Iterable[str]) -> dict[str, str]:
        """What to call actors (`user:7`) and organisation paths; what is not known is left out."""
        ...

    def actors(self, word: str) -> list[str]:
        """The actors that a person means with a word: an e-mail address, an employee number, a name."""
        ...

    def paths(self, word: str) -> list[str]:
        """The paths of the units that a person means: by their code or name."""
        ...

    def subjects(self, word: str) -> list[tuple[str, str]]:
        """The rows, as type and key, that a person means: people by employee number or name."""
        ...


_directory: Directory | None = None


def use_directory(found: Directory | None) -> None:
    """Put a directory in charge of names."""
    global _directory
    _directory = found


def directory() -> Directory | None:
    """Return the directory, if there is one."""
    return _directory


def actions() -> Mapping[str, Action]:
    """Return every registered action by name."""
    return _actions


def action(name: str, label: Text) -> Action:
    """Register an action under a unique dotted name: `action("cashier.refund.approved", _("同意退款"))`.

    Raises ValueError for a name that is taken or not dotted lower-case.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"audit action {name!r} is not a dotted lower-case name")
    if name in _actions:
        raise ValueError(f"audit action {name!r} is already registered")
    _actions[name] = Action(name, label)
    return _actions[name]


def action_label(name: str) -> str:
    """Return what to call an action in front of people; the name itself when no plugin knows it."""
    known = _actions.get(name)
    return str(known.label) if known else name


def snapshot(instance: Model, fields: Iterable[str] | None = None) -> dict[str, Any]:
    """Return a row's column values for `before` and `after`. Encrypted fields are only shown as present."""
    wanted = None if fields is None else set(fields)
    values: dict[str, Any] = {}
    for field in instance._meta.concrete_fields:
        if wanted is not None and field.name not in wanted:
            continue
        value = field.value_from_object(instance)
        # Sealed, a secret can still be told changed from unchanged; `record` never writes it.
        values[field.name] = _Sealed(value) if isinstance(field, EncryptedTextField) and value else value
    return values


def record(
    action: Action,
    subject: Model | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    actor: str | None = None,
    org_path: str | None = None,
) -> AuditEntry:
    """Write an audit line in the current transaction; of `before` and `after` only what differs is kept.

    Values are redacted (`redaction.register_sensitive`). `actor`, request id and address default to the
    request's, `org_path` to what `use_org_path` was given. Raises ValueError for an action that is not registered.
    """
    if _actions.get(action.name) is not action:
        raise ValueError(f"audit action {action.name!r} is not registered")
    old, new = _difference(before or {}, after or {})
    context = current()
    who = actor or context.actor
    if org_path is None and _org_path_of is not None:
        org_path = _org_path_of(who, subject)
    return AuditEntry.objects.create(
        action=action.name,
        actor=who,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        before=_plain(old),
        after=_plain(new),
        request_id=context.request_id,
        ip=context.ip,
        org_path=org_path,
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Sealed:
    """A secret that can be compared but not shown."""

    value: Any

    def __repr__(self) -> str:
        return HIDDEN


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    missing = object()
    changed = [key for key in {**before, **after} if before.get(key, missing) != after.get(key, missing)]
    return (
        {key: before[key] for key in changed if key in before},
        {key: after[key] for key in changed if key in after},
    )


def _plain(values: dict[str, Any]) -> Any:
    hidden = {
        key: HIDDEN if isinstance(value, _Sealed) else redact(value, key) for key, value in values.items()
    }
    return json.loads(json.dumps(hidden, cls=DjangoJSONEncoder))
