"""Rules of giving roles: what takes two people, what one person may not hold together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.money import format_yuan

from ..access.grants import decimal_of
from ..access.registry import permissions
from ..errors import OrgError, OrgErrorCode
from ..limits import limit_label
from ..models import GrantState, Role, RoleGrant, Staff
from .templates import sensitive_rules

LIVE = (GrantState.ACTIVE, GrantState.PENDING)


@cache
def _patterns() -> tuple[tuple[str, ...], tuple[str, ...], dict[str, Decimal]]:
    rules = sensitive_rules()
    listed = rules["permissions"]
    wanted = tuple(one for one in listed if not one.startswith("!"))
    spared = tuple(one[1:] for one in listed if one.startswith("!"))
    return wanted, spared, {kind: Decimal(amount) for kind, amount in rules["limits"].items()}


def is_sensitive(code: str) -> bool:
    """True for a permission that no single person may give."""
    wanted, spared, _limits = _patterns()
    return any(fnmatchcase(code, one) for one in wanted) and not any(fnmatchcase(code, one) for one in spared)


def sensitive_parts(codes: Iterable[str], limits: dict[str, str]) -> list[str]:
    """What of these permissions and limits takes a second person, in words; empty when nothing does."""
    known = permissions()
    found = [
        f"{known[code].resource_label}·{known[code].label}" if code in known else code
        for code in codes
        if is_sensitive(code)
    ]
    bounds = _patterns()[2]
    for kind, amount in limits.items():
        if kind in bounds and decimal_of(amount) > bounds[kind]:
            found.append(
                str(_("%(kind)s上限 %(amount)s"))
                % {"kind": limit_label(kind), "amount": format_yuan(decimal_of(amount))}
            )
    return found


def require_compatible(staff: Staff, role: Role, leaving_out: Iterable[int] = ()) -> None:
    """Raise ROLES_INCOMPATIBLE when the person holds, or waits for, a role that does not go with this one.

    Whoever keeps the books does not hold the money, whoever records does not approve: anywhere in the company.
    `leaving_out`: grants that end with this change.
    """
    day = today()
    held = (
        Role.objects.filter(
            Q(grants__valid_to__isnull=True) | Q(grants__valid_to__gte=day),
            grants__staff=staff,
            grants__state__in=LIVE,
        )
        .exclude(pk=role.pk)
        .distinct()
    )
    if leaving_out:
        kept = RoleGrant.objects.filter(staff=staff, state__in=LIVE).exclude(pk__in=list(leaving_out))
        held = held.filter(pk__in=kept.values("role_id"))
    clash = [other for other in held if other.code in role.incompatible or role.code in other.incompatible]
    if clash:
        raise OrgError(
            OrgErrorCode.ROLES_INCOMPATIBLE,
            _("“%(role)s”与%(name)s已有的“%(other)s”不相容，不能由同一人担任")
            % {"role": role.name, "name": staff.name, "other": "、".join(one.name for one in clash)},
            field="role",
            hint=_("请另选人员，或先结束原有的任职或授权"),
        )


def require_days(first: date, last: date | None) -> None:
    """Raise DATE_IN_PAST or INVALID for days that cannot be."""
    if last is not None and last < first:
        raise OrgError(OrgErrorCode.INVALID, _("结束日期不能早于开始日期"), field="valid_to")
    if last is not None and last < today():
        raise OrgError(OrgErrorCode.DATE_IN_PAST, _("结束日期已经过去"), field="valid_to")
