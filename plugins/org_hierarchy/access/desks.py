"""Where somebody may do something: at a unit, and at the own one."""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.scope import NotAllowed

from ..models import OrgUnit
from .grants import access_of, staff_of


def may_at(user: Any, permission: str, unit: OrgUnit) -> bool:
    """True when the user holds the permission over a unit; seeing what is the unit's is not enough."""
    if not user.is_active:
        return False
    return bool(user.is_superuser) or access_of(user).may_at(permission, unit)


def desk_of(by: Any, permission: str) -> OrgUnit:
    """The unit at which somebody of the staff does this: the own one. Raises NotAllowed."""
    staff = staff_of(by) if getattr(by, "is_authenticated", False) and by.is_staff else None
    if staff is None or not by.is_active:
        raise NotAllowed
    access = access_of(by)
    if not access.may_at(permission, staff.unit) and access.reach(permission).own is None:
        raise NotAllowed
    return staff.unit
