"""The telephone of a clerk's own unit, for the pages that sell tickets."""

from __future__ import annotations

from typing import Any

from plugins.counter_sales.interfaces import telephone_of


def phone_options(user: Any) -> dict[str, str] | None:
    """How the till names it and what people call it; None where the unit sells over none."""
    place = telephone_of(user)
    return {"place": place.key, "name": place.name} if place is not None else None
