"""What one pretended system hands to the program: its routes, its faults, its life."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.routing import BaseRoute


@dataclass(frozen=True, slots=True)
class System:
    """One system. `routes` hang under /<name>, `control` under /_sim/<name>, `phone` under /phone.

    faults: operation → kinds that may be ordered there. forget: empty its tables in the caller's transaction.
    facts: of the summary, what the first page shows, with labels.
    rescale: the clock's ratio was multiplied by the factor, so move the real times of what waits.
    wake: look at once what is due.
    """

    name: str
    title: str
    speaks: tuple[str, ...]
    routes: list[BaseRoute]
    control: list[BaseRoute]
    phone: list[BaseRoute]
    faults: Mapping[str, frozenset[str]]
    summary: Callable[[], dict[str, Any]]
    facts: Callable[[dict[str, Any]], list[tuple[str, Any]]]
    forget: Callable[[sqlite3.Connection], None]
    rescale: Callable[[sqlite3.Connection, float], None]
    wake: Callable[[], None]
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]
