"""Enums of the API, made of the choices that rows are kept in."""

from __future__ import annotations

from typing import Any

import graphene


def enum_of(name: str, choices: Any) -> Any:
    """An enum with the choices' names and values."""
    return graphene.Enum(name, [(item.name, item.value) for item in choices])
