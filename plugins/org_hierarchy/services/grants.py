"""Giving roles and taking them back; it counts from the next request on, for the dashboard, too.

A role with sensitive permissions waits for a second person. Locks, in this order: the people by key, the role, the
grants by key.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row

from ..access.grants import forget
from ..errors import OrgError, OrgErrorCode
from ..levels import Level, UnitStatus
from ..models import DataScope, GrantSource, GrantState, OrgUnit, Role, RoleGrant, Staff, StaffStatus
from .rights import Actor, may_at, name_of
from .rules import LIVE, require_compatible, require_days, sensitive_parts
from .saleor_groups import sync_member
from .width import require_width, span_of, too_wide

GRANTED = action("org_hierarchy.grant.made", _("授予角色"))
CONFIRMED = action("org_hierarchy.grant.confirmed", _("同意授权"))
REFUSED = action("org_hierarchy.grant.refused", _("不同意授权"))
REVOKED = action("org_hierarchy.grant.revoked", _("收回授权"))
EXPIRED = action("org_hierarchy.grant.expired", _("授权到期"))


def grant_role(
    by: Actor,
    staff: Staff,
    role: Role,
    unit: OrgUnit,
    *,
    scope: str = "",
    units: Iterable[OrgUnit] = (),
    valid_from: date | None = None,
    valid_to: date | None = None,
    reason: str = "",
) -> RoleGrant:
    """Give a person a role at a unit; pending where it takes a second person. `by` None is the system: no questions.

    Raises OutOfScope, NotAllowed, OrgError (SAME_PERSON, STAFF_NOT_ACTIVE, UNIT_CLOSED, WRONG_LEVEL, ROLE_TOO_WIDE,
    ROLES_INCOMPATIBLE, CODE_TAKEN, INVALID, DATE_IN_PAST), LockTimeout. Locks: both people, the role.
    """
    named = list(units)
    with transaction.atomic():
        person, held = lock_for(by, staff, role)
        require_giver(by, person, "role.grant", unit)
        require_fits(held, unit)
        if (scope or held.scope) == DataScope.UNITS and not named:
            raise OrgError(OrgErrorCode.REQUIRED, _("请选择指定的机构"), field="units")
        require_width(by, held, span_of(scope or held.scope, unit, named))
        require_compatible(person, held)
        taken = RoleGrant.objects.filter(
            staff=person, role=held, unit=unit, source=GrantSource.DIRECT, state__in=LIVE
        )
        if taken.exists():
            raise OrgError(
                OrgErrorCode.CODE_TAKEN,
                _("%(name)s在该机构已有“%(role)s”或正待复核") % {"name": person.name, "role": held.name},
                field="role",
            )
        return place(
            by,
            person,
            held,
            unit,
            source=GrantSource.DIRECT,
            scope=scope,
            units=named,
            valid_from=valid_from,
            valid_to=valid_to,
            reason=reason,
        )


def confirm_grant(by: Any, grant: RoleGrant, note: str = "") -> RoleGrant:
    """The second person agrees; the role counts from the next request on.

    Either the giver or this person must still hold at least as much as is given. Raises OutOfScope, NotAllowed,
    OrgError (SAME_PERSON, CHANGED_MEANWHILE, STAFF_NOT_ACTIVE, ROLE_TOO_WIDE, ROLES_INCOMPATIBLE), LockTimeout. Locks:
    the people, the role, the grant.
    """
    with transaction.atomic():
        locked = _decide(by, grant)
        _require_active(locked.staff)
        require_fits(locked.role, locked.unit)
        named = list(locked.units.all())
        span = span_of(locked.scope or locked.role.scope, locked.unit, named)
        giver = _giver(locked)
        if giver is not None and too_wide(giver, locked.role, span):
            require_width(by, locked.role, span)
        require_compatible(locked.staff, locked.role)
        _close(locked, GrantState.ACTIVE, by, note)
        sync_member(locked.staff)
        record(CONFIRMED, locked, before={"state": GrantState.PENDING}, after=_story(locked))
    return locked


def refuse_grant(by: Any, grant: RoleGrant, note: str) -> RoleGrant:
    """The second person says no, and why; the post it came with ends. Errors and locks as `confirm_grant`."""
    if not note.strip():
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写不同意的理由"), field="note")
    with transaction.atomic():
        locked = _decide(by, grant)
        _close(locked, GrantState.REFUSED, by, note)
        if locked.staff_post is not None:
            # a post without its role is none
            locked.staff_post.valid_to = max(today(), locked.staff_post.valid_from)
            locked.staff_post.save(update_fields=["valid_to"])
        record(REFUSED, locked, before={"state": GrantState.PENDING}, after=_story(locked))
    return locked


def revoke_grant(by: Actor, grant: RoleGrant, reason: str = "") -> RoleGrant:
    """Take a role back, at once. What comes with a post ends with the post.

    Raises OutOfScope, NotAllowed, OrgError (CHANGED_MEANWHILE, INVALID), LockTimeout. Locks: the person, the grant.
    """
    with transaction.atomic():
        people = _lock_people(by, grant.staff_id)
        rows = lock_rows(RoleGrant.objects.filter(pk=grant.pk))
        if not rows:
            raise OutOfScope
        locked = rows[0]
        lender = (
            locked.source == GrantSource.DELEGATION and by is not None and _is(by, locked.delegated_by_id)
        )
        if not lender and not may_at(by, "role.grant", locked.unit):
            raise NotAllowed
        if locked.source == GrantSource.POST:
            raise OrgError(
                OrgErrorCode.INVALID, _("该角色随任职取得，请结束任职"), hint=_("在人员页面结束对应的任职")
            )
        if locked.state not in LIVE:
            raise _decided(locked)
        end_grants(people[grant.staff_id], [locked], GrantState.REVOKED, reason)
    return locked


def end_expired(day: date | None = None) -> int:
    """End the grants whose last day is over; returns how many. One transaction per person. Locks: person, grants."""
    over = RoleGrant.objects.filter(state__in=LIVE, valid_to__lt=day or today())
    ended = 0
    for key in list(over.order_by("staff_id").values_list("staff_id", flat=True).distinct()):
        with transaction.atomic():
            [person] = lock_rows(Staff.objects.filter(pk=key))
            rows = lock_rows(over.filter(staff=person))
            end_grants(person, rows, GrantState.EXPIRED)
            ended += len(rows)
    return ended


# -- for the other services of people, inside their transactions -----------------------------------------------------


def lock_for(by: Actor, staff: Staff, role: Role) -> tuple[Staff, Role]:
    """Lock the person, the giver and the role, and have the giver's rights read anew. Raises OutOfScope."""
    people = _lock_people(by, staff.pk)
    roles = lock_rows(Role.objects.filter(pk=role.pk))
    if staff.pk not in people or not roles:
        raise OutOfScope
    return people[staff.pk], roles[0]


def require_giver(by: Actor, staff: Staff, permission: str, unit: OrgUnit) -> None:
    """Raise unless the giver sees the active person, may do this here, and is somebody else."""
    if by is not None:
        get_row(by, Staff, pk=staff.pk)
        if staff.user_id == by.pk:
            raise OrgError(
                OrgErrorCode.SAME_PERSON, _("不能给自己授权或任职"), hint=_("请由上级或其他有权限的同事办理")
            )
    if not may_at(by, permission, unit):
        raise NotAllowed
    _require_active(staff)


def require_fits(role: Role, unit: OrgUnit) -> None:
    """Raise unless the role is on, of the unit's level, made at or above the unit, and the unit is not closed."""
    if not role.is_active:
        raise OrgError(OrgErrorCode.INVALID, _("角色“%(role)s”已停用") % {"role": role.name}, field="role")
    if unit.status == UnitStatus.CLOSED:
        raise OrgError(
            OrgErrorCode.UNIT_CLOSED, _("机构“%(unit)s”已撤并") % {"unit": unit.name}, field="unit"
        )
    if role.level != unit.level:
        raise OrgError(
            OrgErrorCode.WRONG_LEVEL,
            _("角色“%(role)s”适用于%(level)s，不能用于“%(unit)s”")
            % {"role": role.name, "level": Level(role.level).label, "unit": unit.name},
            field="role",
        )
    if role.owner is not None and not unit.path.startswith(role.owner.path):
        raise OrgError(
            OrgErrorCode.INVALID,
            _("角色“%(role)s”由“%(owner)s”设立，只能用于其本级和下级机构")
            % {"role": role.name, "owner": role.owner.name},
            field="role",
        )


def place(
    by: Actor,
    staff: Staff,
    role: Role,
    unit: OrgUnit,
    *,
    source: str,
    scope: str = "",
    units: Iterable[OrgUnit] = (),
    valid_from: date | None = None,
    valid_to: date | None = None,
    reason: str = "",
    wide: bool = False,
    **more: Any,
) -> RoleGrant:
    """Write a checked grant; pending where somebody gives sensitive permissions, or more than he has (`wide`)."""
    first = valid_from or today()
    require_days(first, valid_to)
    waits = by is not None and (wide or bool(sensitive_parts(role.permissions, role.money_limits)))
    grant = RoleGrant.objects.create(
        staff=staff,
        role=role,
        unit=unit,
        scope=scope,
        source=source,
        state=GrantState.PENDING if waits else GrantState.ACTIVE,
        valid_from=first,
        valid_to=valid_to,
        reason=reason,
        granted_by=name_of(by),
        **more,
    )
    grant.units.set(units)
    if not waits:
        sync_member(staff)
    record(GRANTED, grant, after=_story(grant))
    return grant


def end_grants(staff: Staff, grants: Iterable[RoleGrant], state: str, reason: str = "") -> None:
    """End these locked grants of a locked person, and what the person had lent out of them."""
    ended = list(grants)
    for grant in ended:
        before = _story(grant)
        grant.state = state
        grant.ended_at = now()
        grant.save(update_fields=["state", "ended_at"])
        after = {**_story(grant), "reason": reason or grant.reason}
        record(EXPIRED if state == GrantState.EXPIRED else REVOKED, grant, before=before, after=after)
    sync_member(staff)
    end_lent(staff)


def end_lent(staff: Staff) -> None:
    """Take back what a person lent and no longer holds. Locks: those grants."""
    own = RoleGrant.objects.filter(staff=staff, state=GrantState.ACTIVE).exclude(
        source=GrantSource.DELEGATION
    )
    held = set(own.values_list("role_id", "unit_id")) if staff.status == StaffStatus.ACTIVE else set()
    lent = lock_rows(RoleGrant.objects.filter(delegated_by=staff, state__in=LIVE))
    for grant in lent:
        if (grant.role_id, grant.unit_id) in held:
            continue
        before = _story(grant)
        grant.state = GrantState.REVOKED
        grant.ended_at = now()
        grant.save(update_fields=["state", "ended_at"])
        record(REVOKED, grant, before=before, after={**_story(grant), "reason": "委托人不再持有该角色"})
        sync_member(grant.staff)


def _lock_people(by: Actor, staff_id: int) -> dict[int, Staff]:
    wanted = {staff_id}
    if by is not None:
        wanted |= set(Staff.objects.filter(user_id=by.pk).values_list("pk", flat=True))
        forget(by)
    return {person.pk: person for person in lock_rows(Staff.objects.filter(pk__in=wanted))}


def _decide(by: Any, grant: RoleGrant) -> RoleGrant:
    """Lock a pending grant for the second person. Raises as `confirm_grant` says."""
    people = _lock_people(by, grant.staff_id)
    lock_rows(Role.objects.filter(pk=grant.role_id))
    rows = lock_rows(RoleGrant.objects.filter(pk=grant.pk))
    if not rows:
        raise OutOfScope
    locked = rows[0]
    locked.staff = people[grant.staff_id]
    if not may_at(by, "role.confirm", locked.unit):
        raise NotAllowed if may_at(by, "role.view", locked.unit) else OutOfScope
    if (
        locked.granted_by == actor_label(by)
        or locked.staff.user_id == by.pk
        or _is(by, locked.delegated_by_id)
    ):
        raise OrgError(
            OrgErrorCode.SAME_PERSON,
            _("授予人和被授予人都不能复核这项授权"),
            hint=_("请由另一位有复核权限的同事办理"),
        )
    if locked.state != GrantState.PENDING:
        raise _decided(locked)
    return locked


def _decided(grant: RoleGrant) -> OrgError:
    return OrgError(
        OrgErrorCode.CHANGED_MEANWHILE,
        _("该授权已是“%(state)s”") % {"state": grant.get_state_display()},
        hint=_("请刷新后查看最新状态"),
    )


def _close(grant: RoleGrant, state: str, by: Any, note: str) -> None:
    grant.state = state
    grant.confirmed_by = name_of(by)
    grant.decided_at = now()
    grant.decision_note = note.strip()
    if state == GrantState.REFUSED:
        grant.ended_at = grant.decided_at
    grant.save(update_fields=["state", "confirmed_by", "decided_at", "decision_note", "ended_at"])


def _giver(grant: RoleGrant) -> Any:
    """The user who gave it; None for the system."""
    kind, _colon, key = grant.granted_by.partition(":")
    return User.objects.filter(pk=key).first() if kind == "user" and key.isdecimal() else None


def _is(by: Any, staff_id: int | None) -> bool:
    return staff_id is not None and Staff.objects.filter(pk=staff_id, user_id=by.pk).exists()


def _require_active(staff: Staff) -> None:
    if staff.status != StaffStatus.ACTIVE:
        raise OrgError(
            OrgErrorCode.STAFF_NOT_ACTIVE,
            _("%(name)s%(status)s，不能授予角色")
            % {"name": staff.name, "status": staff.get_status_display()},
            field="staff",
        )


def _story(grant: RoleGrant) -> dict[str, Any]:
    return {
        "staff": grant.staff_id,
        "role": grant.role.code,
        "unit": grant.unit.code,
        "scope": grant.scope or grant.role.scope,
        "source": grant.source,
        "state": grant.state,
        "valid_from": grant.valid_from,
        "valid_to": grant.valid_to,
        "reason": grant.reason,
    }
