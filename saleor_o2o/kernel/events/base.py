"""The event class: a frozen dataclass with a name, a version and a payload that JSON can hold."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from threading import Lock
from typing import Any, ClassVar, Self, dataclass_transform

from django.utils import timezone

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_PLAIN = (str, int, bool, types.NoneType)
_READERS: dict[type, Callable[[Any], Any]] = {
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}

_events: dict[str, type[Event]] = {}
_fields: dict[str, dict[str, Any]] = {}
_making = Lock()


class UnreadableEvent(RuntimeError):
    """A stored payload does not fit the event class of this release."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Event:
    """Base of all events. A subclass becomes a frozen, keyword-only dataclass without being decorated.

    `name` is dotted and unique (`order.paid`). Fields are `str`, `int`, `bool`, `Decimal`, `datetime`,
    `date`, any of them `| None`, or `tuple[<one of them>, ...]`. Ids and amounts; no personal data.
    Raise `version` when the meaning of a field changes and read old payloads in `upgrade`; new fields
    with a default need neither.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1

    def __init_subclass__(cls) -> None:
        name = cls.__dict__.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise TypeError(f"{cls.__name__}.name must be a dotted lower-case name")
        if name in _events:
            raise TypeError(f"event {name!r} is already {_events[name].__qualname__}")
        _events[name] = cls

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        _make_dataclass(cls)
        return super().__new__(cls)

    @classmethod
    def upgrade(cls, payload: dict[str, Any], version: int) -> dict[str, Any]:
        """Turn the stored payload of an older version into today's."""
        return payload

    def payload(self) -> dict[str, Any]:
        """Return the fields as JSON. Raises TypeError for a value that is not what its field says."""
        return {
            name: _encode(hint, getattr(self, name), f"{self.name}.{name}")
            for name, hint in _hints(type(self)).items()
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any], version: int) -> Self:
        """Build the event from what was stored. Raises UnreadableEvent."""
        try:
            stored = dict(payload)
            if version != cls.version:
                stored = cls.upgrade(stored, version)
            values = {
                name: _decode(hint, stored[name]) for name, hint in _hints(cls).items() if name in stored
            }
            return cls(**values)
        except (TypeError, ValueError, ArithmeticError, KeyError) as error:
            raise UnreadableEvent(f"{cls.name} version {version}") from error


def _make_dataclass(cls: type[Event]) -> None:
    # On first use: `__init_subclass__` runs before a decorator could, and a class is not frozen twice.
    if "__dataclass_params__" not in cls.__dict__:
        with _making:
            if "__dataclass_params__" not in cls.__dict__:
                dataclass(frozen=True, kw_only=True)(cls)
    if not cls.__dict__["__dataclass_params__"].frozen:
        raise TypeError(f"event {cls.name!r} must be frozen")


def event_class(name: str) -> type[Event] | None:
    """Return the class registered under a name."""
    return _events.get(name)


def _hints(cls: type[Event]) -> dict[str, Any]:
    # Not at definition: annotations may name what the module defines further down.
    if cls.name in _fields:
        return _fields[cls.name]
    _make_dataclass(cls)
    hints = typing.get_type_hints(cls)
    found = {field.name: hints[field.name] for field in fields(cls)}  # type: ignore[arg-type]
    for name, hint in found.items():
        _check_hint(hint, f"{cls.name}.{name}")
    _fields[cls.name] = found
    return found


def _check_hint(hint: Any, where: str) -> None:
    if hint in _PLAIN or hint in _READERS:
        return
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType) and types.NoneType in arguments and len(arguments) == 2:
        for argument in arguments:
            _check_hint(argument, where)
        return
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        _check_hint(arguments[0], where)
        return
    raise TypeError(f"{where}: events cannot carry {hint}")


def _encode(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = next(argument for argument in arguments if argument is not types.NoneType)
        return None if value is None else _encode(inner, value, where)
    if origin is tuple:
        if not isinstance(value, tuple):
            raise TypeError(f"{where}: expected a tuple")
        return [_encode(arguments[0], item, where) for item in value]
    # Exact types: a bool is not a count, a datetime is not a day. Subclasses of str (choices) are fine.
    if type(value) is not hint and not (hint is str and isinstance(value, str)):
        raise TypeError(f"{where}: expected {hint.__name__}, got {type(value).__name__}")
    if isinstance(value, datetime):
        if timezone.is_naive(value):
            raise TypeError(f"{where}: naive datetime")
        return value.isoformat()
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{where}: not a finite number")
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if hint is str else value


def _decode(hint: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = next(argument for argument in arguments if argument is not types.NoneType)
        return None if value is None else _decode(inner, value)
    if origin is tuple:
        return tuple(_decode(arguments[0], item) for item in value)
    reader = _READERS.get(hint)
    if reader is not None:
        return reader(value)
    if type(value) is not hint:
        raise TypeError(f"expected {hint.__name__}")
    return value
