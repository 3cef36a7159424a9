"""The seam of the report of payments: tables of plugins, of the payments that the caller may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from .models import PaymentIntent


@dataclass(frozen=True, slots=True)
class Section:
    """A table that a plugin adds to the report: texts, numbers and amounts as people read them."""

    title: str
    headers: tuple[str, ...]
    rows: list[tuple[Any, ...]]


#: Asks a plugin for its table: payments in reach, first and last day (both included).
Asking = Callable[["QuerySet[PaymentIntent]", date, date], Section | None]
_sections: dict[str, tuple[int, Asking]] = {}


def register_table(name: str, place: int, ask: Asking) -> None:
    """Have `ask` add its table to the report, the lower `place` the higher up; apps call it when they are ready."""
    _sections[name] = (place, ask)


def sections(intents: QuerySet[PaymentIntent], first: date, last: date) -> list[Section]:
    """The tables of the plugins, of payments in reach."""
    found = (ask(intents, first, last) for _place, ask in sorted(_sections.values(), key=lambda one: one[0]))
    return [section for section in found if section is not None]
