"""The rows that a mutation names, through the scope; the error says which input it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...models import Department, OrgUnit
from ..staff.gates import found, unit_for


def department_for(user: Any, unit: str, code: str) -> Department:
    """A department of a unit by code. Raises OrgError NOT_FOUND."""
    place = unit_for(user, unit)
    row: Department = found(
        user, Department.objects.select_related("unit"), "code", unit=place, code=code.strip()
    )
    return row


def owner_for(user: Any, code: str | None) -> OrgUnit | None:
    """The unit that sets something up; none: the company. Raises OrgError NOT_FOUND."""
    return unit_for(user, code, "owner") if code else None


def limits_of(given: Iterable[Any]) -> dict[str, Any]:
    """Money limits as the services take them."""
    return {one.kind: one.amount for one in given}
