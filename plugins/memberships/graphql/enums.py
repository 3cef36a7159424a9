"""Enums of memberships' API."""

from __future__ import annotations

from typing import Any

import graphene


def enum_of(name: str, choices: Any) -> Any:
    """The choices of a field as the API names them."""
    return graphene.Enum(name, [(item.name, item.value) for item in choices])
