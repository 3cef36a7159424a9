"""What a database expression is, told quickly.

Django hashes each selected column of each ordered query, and finds out what the column is by binding its constructor's
arguments anew with `inspect`: six per cent of the platform's time. Here the constructor is looked at once per class;
the answer is the same to the letter (`tests/kernel/test_expressions.py` compares the two).
"""

from __future__ import annotations

from functools import lru_cache
from inspect import Parameter, signature
from typing import Any, NamedTuple

from django.db.models.expressions import Expression
from django.utils.functional import cached_property

#: What no constructor has as a default.
_MISSING = Parameter.empty
#: Values that are hashable as they are, which Django would find out by asking.
_PLAIN = (str, int, bool, type(None))


class _Constructor(NamedTuple):
    """The parameters of a constructor but `self`; names with their defaults."""

    positional: tuple[tuple[str, Any], ...]
    more: str | None
    named: tuple[tuple[str, Any], ...]
    extra: str | None


def connect() -> None:
    """Let all expressions say what they are in this way."""
    every: Any = Expression
    every.identity = cached_property(identity_of)
    every.identity.__set_name__(Expression, "identity")


def identity_of(expression: Any) -> tuple[Any, ...]:
    """The class and each of the constructor's arguments, defaults included, in the order of its signature."""
    args, kwargs = expression._constructor_args
    kind: Any = type(expression)
    positional, more, named, extra = _constructor(kind)
    given = len(args)
    found: list[tuple[str, Any]] = []
    for place, (name, default) in enumerate(positional):
        value = args[place] if place < given else kwargs.get(name, default)
        if value is not _MISSING:
            found.append((name, value))
    if more is not None:
        found.append((more, args[len(positional) :]))
    for name, default in named:
        value = kwargs.get(name, default)
        if value is not _MISSING:
            found.append((name, value))
    if extra is not None:
        known = {name for name, _default in (*positional, *named)}
        found.append((extra, {name: value for name, value in kwargs.items() if name not in known}))
    tell = expression._identity
    return (
        kind,
        *[(name, value if type(value) in _PLAIN else tell(value)) for name, value in found],
    )


@lru_cache(maxsize=1024)
def _constructor(kind: Any) -> _Constructor:
    positional: list[tuple[str, Any]] = []
    named: list[tuple[str, Any]] = []
    more = extra = None
    _self, *parameters = signature(kind.__init__).parameters.values()
    for one in parameters:
        if one.kind is Parameter.VAR_POSITIONAL:
            more = one.name
        elif one.kind is Parameter.VAR_KEYWORD:
            extra = one.name
        elif one.kind is Parameter.KEYWORD_ONLY:
            named.append((one.name, one.default))
        else:
            positional.append((one.name, one.default))
    return _Constructor(tuple(positional), more, tuple(named), extra)
