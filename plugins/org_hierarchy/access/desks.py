"""Where somebody may do something: at a unit, for the whole city, and at the own one."""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.scope import NotAllowed

from ..models import OrgUnit
from ..paths import keys_of
from .grants import access_of, staff_of


def may_at(user: Any, permission: str, unit: OrgUnit) -> bool:
    """True when the user holds the permission over a unit; seeing what is the unit's is not enough."""
    if not user.is_active:
        return False
    return bool(user.is_superuser) or access_of(user).may_at(permission, unit)


def may_for_city(user: Any, permission: str) -> bool:
    """True when the user holds the permission over the whole city: for what has no unit of its own.

    A reach over the root's subtree is seen from its path, so pages may ask for every model that they show; only whoever
    was given single units is looked up, once for a user object.
    """
    if not user.has_perm(permission):
        return False
    if user.is_superuser:
        return True
    access = access_of(user)
    reach = access.reach(permission)
    if reach.everything or any(len(keys_of(path)) == 1 for path in reach.paths):
        return True
    asked = (permission, "city", None)
    if reach.units and asked not in access.seen:
        access.seen[asked] = OrgUnit.objects.filter(pk__in=reach.units, parent__isnull=True).exists()
    return access.seen.get(asked, False)


def desk_of(by: Any, permission: str) -> OrgUnit:
    """The unit at which somebody of the staff does this: the own one. Raises NotAllowed."""
    staff = staff_of(by) if getattr(by, "is_authenticated", False) and by.is_staff else None
    if staff is None or not by.is_active:
        raise NotAllowed
    access = access_of(by)
    if not access.may_at(permission, staff.unit) and access.reach(permission).own is None:
        raise NotAllowed
    return staff.unit
