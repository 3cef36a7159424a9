"""What waits for a person on the home page, collected from the plugins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string

from saleor_o2o.composition import active


@dataclass(frozen=True, slots=True)
class Todo:
    """One matter that waits for this user: a title, where it stands, the page behind it, and its deadline if any."""

    title: str
    note: str
    href: str
    since: datetime
    due: datetime | None = None


def todos(user: Any) -> list[Todo]:
    """Everything that waits for the user, the overdue and oldest first."""
    found: list[Todo] = []
    for plugin in active():
        for path in plugin.todo:
            found += import_string(path)(user)
    return sorted(
        found, key=lambda one: (one.due or datetime.max.replace(tzinfo=one.since.tzinfo), one.since)
    )
