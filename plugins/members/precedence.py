"""Who is served first: plugins that promise it say which rows give it, queues ask about users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, Exists, Q, QuerySet, Value
from django.db.models.expressions import ExpressionWrapper

#: Given a user's key (an OuterRef), the rows by which that user is served first now.
Rows = Callable[[Any], QuerySet[Any]]
_promises: dict[str, Rows] = {}


def register_precedence(name: str, rows: Rows) -> None:
    """Let a plugin put its members first; apps call it when they are ready. Raises ValueError for a name taken."""
    if name in _promises:
        raise ValueError(f"precedence {name!r} is already registered")
    _promises[name] = rows


def comes_first(user: Any) -> Any:
    """A condition to annotate a queue with: whether the user (an OuterRef) is served first. No statement of its own."""
    condition = Q()
    for rows in _promises.values():
        condition |= Q(Exists(rows(user)))
    if not condition:
        return Value(False, output_field=BooleanField())
    return ExpressionWrapper(condition, output_field=BooleanField())
