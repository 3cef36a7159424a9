"""Who works at a unit and may do something there."""

from __future__ import annotations

from django.db.models import Q

from .access.grants import counts_now
from .models import DataScope, OrgUnit, RoleGrant, Staff, StaffStatus


def people_with(permission: str, unit: OrgUnit) -> list[Staff]:
    """The active people who hold a permission over the unit by a role *at* the unit, with their users, by number.

    Whoever holds it from further up, or for his own rows only, is left out. Two statements.
    """
    own = Q(scope=DataScope.SELF) | Q(scope="", role__scope=DataScope.SELF)
    grants = (
        RoleGrant.objects.filter(
            counts_now(),
            unit=unit,
            staff__status=StaffStatus.ACTIVE,
            role__permissions__contains=[permission],
        )
        .exclude(own)
        .values("staff_id")
    )
    return list(Staff.objects.filter(pk__in=grants).select_related("user").order_by("employee_no"))
