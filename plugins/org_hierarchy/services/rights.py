"""May this person do it here: asked by every service of the tree, under its lock."""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.request import actor_label, current
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, policy_for

from ..access.grants import access_of, is_outsider
from ..models import OrgUnit

#: Who acts: a user, or None for the system itself (seeds, jobs).
Actor = Any


def may_at(by: Actor, permission: str, unit: OrgUnit) -> bool:
    """True when the person holds the permission over this unit as it is now."""
    if by is None:
        return True
    if is_outsider(by):
        return bool(policy_for(OrgUnit).may(by, permission, unit))
    return access_of(by).may_at(permission, unit)


def require_at(by: Actor, permission: str, *units: OrgUnit) -> None:
    """Raise OutOfScope for a unit that the person may not see, NotAllowed for one where this is not allowed."""
    for unit in units:
        if not may_at(by, permission, unit):
            raise NotAllowed if may_at(by, "org_unit.view", unit) else OutOfScope


def name_of(by: Actor) -> str:
    """Whom histories name: `user:12`, or whoever the request says."""
    return current().actor if by is None else actor_label(by)
