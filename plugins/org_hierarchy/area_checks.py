"""What is odd about a unit's service area, though not forbidden: told to whoever saved it."""

from __future__ import annotations

from collections.abc import Callable

from .models import OrgUnit

Check = Callable[[OrgUnit], list[str]]
_checks: list[Check] = []


def register_area_check(check: Check) -> None:
    """Register `check(unit)`, asked after an area was saved; it answers sentences for people, mostly none."""
    _checks.append(check)


def area_warnings(unit: OrgUnit) -> list[str]:
    """Everything that the registered checks say about a unit's area."""
    return [words for check in _checks for words in check(unit)]
