"""The rows that a mutation names, through the scope; the error says which input it was."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.scope import OutOfScope, get_row

from ...errors import OrgError, OrgErrorCode
from ...models import OrgUnit, Post, Role, RoleGrant, Staff, StaffPost


def staff_for(user: Any, employee_no: str, field: str = "staff") -> Staff:
    """A person by employee number. Raises OrgError NOT_FOUND."""
    return found(user, Staff, field, employee_no=employee_no.strip().upper())


def unit_for(user: Any, code: str, field: str = "unit") -> OrgUnit:
    """A unit by code. Raises OrgError NOT_FOUND."""
    return found(user, OrgUnit, field, code=code.strip().upper())


def role_for(user: Any, code: str, field: str = "role") -> Role:
    """A role by code. Raises OrgError NOT_FOUND."""
    return found(user, Role, field, code=code.strip())


def post_for(user: Any, code: str, field: str = "post") -> Post:
    """A post by code. Raises OrgError NOT_FOUND."""
    return found(user, Post, field, code=code.strip())


def post_held_for(user: Any, pk: str, field: str = "id") -> StaffPost:
    """Somebody's post by key. Raises OrgError NOT_FOUND."""
    return found(user, StaffPost, field, pk=pk)


def grant_for(user: Any, pk: str, field: str = "id") -> RoleGrant:
    """A grant by key. Raises OrgError NOT_FOUND."""
    return found(user, RoleGrant, field, pk=pk)


def said(values: dict[str, Any]) -> dict[str, Any]:
    """What was said: an input that is null is one left out."""
    return {name: value for name, value in values.items() if value is not None}


def found(user: Any, model: Any, field: str, **lookup: Any) -> Any:
    """A row by what is said of it. Raises OrgError NOT_FOUND naming the input, for one out of sight too."""
    try:
        return get_row(user, model, **lookup)
    except OutOfScope as error:
        raise OrgError(OrgErrorCode.NOT_FOUND, _("记录不存在"), field=field) from error
