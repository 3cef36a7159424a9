"""What waits for a person: grants of roles that a second person must look at."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.scope import rows_for

from .models import GrantState, RoleGrant

#: More than these are found on the page of grants.
LISTED = 20


def todo(user: Any) -> list[Todo]:
    """Pending grants that this user may decide, oldest first."""
    if not user.has_perm("role.confirm"):
        return []
    waiting = RoleGrant.objects.filter(state=GrantState.PENDING)
    mine = (
        rows_for(user, waiting, "role.confirm")
        .exclude(granted_by=f"user:{user.pk}")
        .exclude(staff__user_id=user.pk)
        .select_related("staff", "role", "unit")
        .order_by("pk")
    )
    return [
        Todo(
            title=_("复核授权：%(name)s · %(role)s") % {"name": grant.staff.name, "role": grant.role.name},
            note=grant.unit.name,
            href=reverse("admin:o2o_org_hierarchy_rolegrant_change", args=[grant.pk]),
            since=grant.created_at,
        )
        for grant in mine[:LISTED]
    ]
