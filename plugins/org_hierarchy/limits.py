"""How much money a person may decide alone, and who may decide more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.money import format_yuan

from .access.grants import access_of, counts_now, decimal_of
from .errors import OrgError, OrgErrorCode
from .models import DataScope, OrgUnit, Role, RoleGrant, StaffStatus
from .paths import keys_of

#: The kinds of limits that roles carry.
KINDS: dict[str, Text] = {"refund": _("退款"), "discount": _("优惠"), "cash": _("现金")}
#: How many people an error names.
NAMED = 3


def limit_label(kind: str) -> str:
    """What to call a kind of limit in front of people."""
    return str(KINDS.get(kind, kind))


def limit_at(user: Any, kind: str, unit: OrgUnit) -> Decimal:
    """The highest sum in yuan that the person may decide alone for this unit; 0 without any."""
    amounts = [
        seat.limits[kind]
        for seat in access_of(user).seats
        if kind in seat.limits and (seat.reach.covers(unit.path, unit.pk) or seat.unit_id == unit.pk)
    ]
    return max(amounts, default=Decimal(0))


def require_limit(user: Any, kind: str, amount: Decimal, unit: OrgUnit) -> None:
    """Raise OrgError LIMIT_EXCEEDED, saying the limit and who may, unless `amount` yuan are within the person's limit.

    Superusers have no limit; people outside the organisation have none to spend.
    """
    if getattr(user, "is_superuser", False):
        return
    limit = limit_at(user, kind, unit)
    if amount <= limit:
        return
    names = who_may(kind, amount, unit)
    raise OrgError(
        OrgErrorCode.LIMIT_EXCEEDED,
        _("%(kind)s金额 %(amount)s 超过您的上限 %(limit)s")
        % {"kind": limit_label(kind), "amount": format_yuan(amount), "limit": format_yuan(limit)},
        field="amount",
        hint=_("可以办理的人员：%(names)s") % {"names": "、".join(names)}
        if names
        else _("没有人员有这个额度，请联系上级机构调整角色的金额上限"),
    )


def who_may(kind: str, amount: Decimal, unit: OrgUnit) -> list[str]:
    """Up to three people who may decide this sum for the unit, the nearest first. Two statements."""
    roles = [
        role.pk
        for role in Role.objects.filter(is_active=True, money_limits__has_key=kind)
        if decimal_of(role.money_limits[kind]) >= amount
    ]
    above = keys_of(unit.path)
    found = (
        RoleGrant.objects.filter(counts_now(), role__in=roles, staff__status=StaffStatus.ACTIVE)
        .filter(
            Q(unit_id__in=above) & ~Q(role__scope=DataScope.UNIT, unit__level__lt=unit.level)
            | Q(role__scope=DataScope.ALL)
        )
        .select_related("staff", "unit")
        .order_by("-unit__level", "pk")
    )
    names = dict.fromkeys(
        f"{grant.unit.short_name or grant.unit.name} {grant.staff.name}" for grant in found[: NAMED * 4]
    )
    return list(names)[:NAMED]
