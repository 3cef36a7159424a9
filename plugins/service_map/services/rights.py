"""May this person do it to this row, or make a row at this unit."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from plugins.org_hierarchy.interfaces import OrgUnit, access_of
from saleor_o2o.kernel.request import actor_label, current
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, policy_for, require, rows_for

#: Who acts: a user, or None for the system itself (seeds, jobs).
Actor = Any


def require_on(by: Actor, permission: str, row: Model) -> None:
    """Raise OutOfScope or NotAllowed unless the person may do this to the row."""
    if by is not None:
        require(by, permission, row)


def require_at(by: Actor, permission: str, unit: OrgUnit, model: type[Model]) -> None:
    """Raise OutOfScope or NotAllowed unless the person may make a row of the model at a unit."""
    if by is None:
        return
    if access_of(by).may_at(permission, unit):
        return
    if access_of(by).staff is None and policy_for(model).may(by, permission, model):
        return  # outside the organisation, where settings let them be
    raise NotAllowed if rows_for(by, OrgUnit).filter(pk=unit.pk).exists() else OutOfScope


def name_of(by: Actor) -> str:
    """Whom records name: `user:12`, or whoever the request says."""
    return current().actor if by is None else actor_label(by)
