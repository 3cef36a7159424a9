"""Is a role wider than whoever gives it: permissions, reach, money. Listed in words, for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.money import format_yuan

from ..access.grants import Access, Reach, counts_now, decimal_of, gather
from ..access.registry import permissions
from ..errors import OrgError, OrgErrorCode
from ..limits import limit_label
from ..models import DataScope, GrantSource, OrgUnit, Role, RoleGrant, Staff

#: How many of the permissions that are too much a message names.
NAMED = 6


@dataclass(frozen=True, slots=True)
class Span:
    """Where a role would hold: everywhere, below `paths`, at `units`. A person's own rows lie at the person's unit."""

    everything: bool = False
    below: tuple[OrgUnit, ...] = ()
    at: tuple[OrgUnit, ...] = ()

    def within(self, reach: Reach) -> bool:
        """True when the reach takes all of it in."""
        if reach.everything:
            return True
        if self.everything:
            return False
        return all(any(unit.path.startswith(path) for path in reach.paths) for unit in self.below) and all(
            reach.covers(unit.path, unit.pk) for unit in self.at
        )


def span_of(scope: str, unit: OrgUnit, units: Iterable[OrgUnit] = ()) -> Span:
    """Where a role of this scope holds when it is held at `unit`."""
    if scope == DataScope.ALL:
        return Span(everything=True)
    if scope == DataScope.UNIT_AND_BELOW:
        return Span(below=(unit,))
    if scope == DataScope.UNITS:
        return Span(at=tuple(units))
    return Span(at=(unit,))


def own_access(by: Any) -> Access:
    """What a person holds in his own right: what was lent for a while is not to be handed on."""
    staff = Staff.objects.filter(user_id=by.pk).select_related("unit").first()
    if staff is None or not by.is_active:
        return Access(by.pk, None)
    held = RoleGrant.objects.filter(counts_now(), staff=staff).exclude(source=GrantSource.DELEGATION)
    return gather(by.pk, staff, held.select_related("role", "unit").prefetch_related("units"))


def too_wide(by: Any, role: Role, span: Span) -> list[str]:
    """What the role has beyond the person's own rights, in words; empty when it fits. None and superusers may all."""
    if by is None or by.is_superuser:
        return []
    access = own_access(by)
    known = permissions()
    beyond: list[str] = []
    short: list[str] = []
    for code in role.permissions:
        reach = access.reach(code)
        label = f"{known[code].resource_label}·{known[code].label}" if code in known else code
        if reach.nothing:
            beyond.append(label)
        elif not span.within(reach):
            short.append(label)
    found = []
    if beyond:
        found.append(str(_("您没有的权限：%(list)s")) % {"list": _some(beyond)})
    if short:
        found.append(str(_("超出您数据范围的权限：%(list)s")) % {"list": _some(short)})
    for kind, amount in role.money_limits.items():
        mine = access.limit(kind)
        if decimal_of(amount) > mine:
            found.append(
                str(_("%(kind)s上限 %(amount)s 高于您的 %(mine)s"))
                % {
                    "kind": limit_label(kind),
                    "amount": format_yuan(decimal_of(amount)),
                    "mine": format_yuan(mine),
                }
            )
    return found


def require_width(by: Any, role: Role, span: Span) -> None:
    """Raise OrgError ROLE_TOO_WIDE with the list of what is too much."""
    excess = too_wide(by, role, span)
    if excess:
        raise OrgError(
            OrgErrorCode.ROLE_TOO_WIDE,
            _("角色“%(role)s”超出您自己的权限：%(list)s") % {"role": role.name, "list": "；".join(excess)},
            field="permissions",
            hint=_("请去掉超出的部分，或由上级办理"),
        )


def _some(labels: list[str]) -> str:
    named = "、".join(labels[:NAMED])
    more = len(labels) - NAMED
    return named if more <= 0 else str(_("%(named)s等 %(count)s 项")) % {"named": named, "count": len(labels)}
