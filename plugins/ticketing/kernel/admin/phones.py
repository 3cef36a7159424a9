"""The telephone of a clerk's own unit, for the pages that sell tickets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.counter_sales.interfaces import telephone_of
from saleor_o2o.kernel.scope import NotAllowed


def phone_options(user: Any) -> dict[str, str] | None:
    """How the till names it and what people call it; None where the unit sells over none."""
    place = telephone_of(user)
    return {"place": place.key, "name": place.name} if place is not None else None


def by_phone(user: Any, typed: Mapping[str, Any]) -> bool:
    """Whether the clerk sells to a caller. Raises NotAllowed where his unit sells over no telephone."""
    if typed.get("phone") is not True:
        return False
    if telephone_of(user) is None:
        raise NotAllowed
    return True
