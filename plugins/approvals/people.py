"""Who somebody is in an approval: a name, a level, and the seats he decides from."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from plugins.org_hierarchy.interfaces import Level, Reach, access_of, staff_of

from .models import ApprovalRequest


def name_of(user: Any) -> str:
    """The staff's name, else the user's; never an address or a phone."""
    staff = staff_of(user)
    if staff is not None:
        return staff.name
    return f"{user.last_name}{user.first_name}".strip() or f"用户 {user.pk}"


def level_of(user: Any) -> int | None:
    """The level a user sits at: a superuser's is the city's, a shopper has none."""
    staff = staff_of(user)
    if staff is not None:
        return int(staff.unit.level)
    return int(Level.CITY) if user.is_superuser else None


def in_reach(reach: Reach) -> Q | None:
    """The condition on requests of units in a reach; None for no unit at all."""
    if reach.everything:
        return Q()
    return (reach.on_units("unit") or None) if reach.paths or reach.units else None


def asked(user: Any) -> Q:
    """The condition on pending requests whose current step asks the seats of a user."""
    if not user.is_active:
        return Q(pk__in=[])
    if user.is_superuser:
        return Q(level=Level.CITY)
    condition = Q(pk__in=[])
    for seat in access_of(user).seats:
        units = in_reach(seat.reach)
        if units is not None:
            here = Q(
                permission__in=sorted(seat.permissions), level__lte=seat.level, base_level__gte=seat.level
            )
            condition |= here & units
    return condition


def able(user: Any) -> Q:
    """The condition on requests whose current step's permission a user has over their unit, at any level."""
    condition = Q(pk__in=[])
    for seat in access_of(user).seats:
        units = in_reach(seat.reach)
        if units is not None:
            condition |= Q(permission__in=sorted(seat.permissions)) & units
    return condition


def seat_level(user: Any, request: ApprovalRequest) -> int | None:
    """The level of the seat from which a user may decide the current step; None when from none."""
    if not user.is_active:
        return None
    if user.is_superuser:
        return int(Level.CITY)
    unit = request.unit
    levels = [
        seat.level
        for seat in access_of(user).seats
        if request.permission in seat.permissions
        and seat.reach.covers(unit.path, unit.pk)
        and (
            request.level <= seat.level <= request.base_level
            or (request.or_above and seat.level < request.level)
        )
    ]
    return max(levels, default=None)
