"""What the workbench asks of other plugins while a clerk types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

Answer = dict[str, Any]
#: Whoever asks, what was typed (plain JSON), the request; a DomainError is shown to the clerk.
Asked = Callable[[Any, Mapping[str, Any], HttpRequest], Answer]
_others: dict[str, Asked] = {}


def register_question(name: str, answer: Asked) -> None:
    """Answer a question of the workbench; apps call it when they are ready. Raises ValueError for a name taken."""
    if name in _others:
        raise ValueError(f"question {name!r} is already answered")
    _others[name] = answer


def others() -> dict[str, Asked]:
    """The questions that other plugins answer, by name."""
    return _others
