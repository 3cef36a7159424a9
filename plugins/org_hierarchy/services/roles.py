"""Making and changing roles. No role is wider than whoever makes or changes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, record, snapshot
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

from ..access.grants import decimal_of, forget, is_outsider
from ..access.registry import permissions
from ..errors import OrgError, OrgErrorCode
from ..levels import Level
from ..limits import KINDS, limit_label
from ..models import DataScope, OrgUnit, Role, RoleGrant
from .rights import Actor, may_at
from .rules import LIVE, sensitive_parts
from .saleor_groups import sync_role
from .width import require_width, span_of

CREATED = action("org_hierarchy.role.created", _("新建角色"))
CHANGED = action("org_hierarchy.role.changed", _("修改角色"))
SWITCHED = action("org_hierarchy.role.switched", _("启用或停用角色"))

CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
MOST = Decimal("100000000")


def create_role(
    by: Actor,
    owner: OrgUnit | None,
    *,
    code: str,
    name: str,
    level: int,
    permissions: Iterable[str],
    scope: str = DataScope.UNIT_AND_BELOW,
    money_limits: Mapping[str, Any] | None = None,
    incompatible: Iterable[str] = (),
    needs_second_factor: bool = False,
) -> Role:
    """Make a role for the units at and below `owner`; `owner` None makes one of the company (the city's right).

    Raises NotAllowed, OrgError (REQUIRED, INVALID, CODE_TAKEN, WRONG_LEVEL, ROLE_TOO_WIDE).
    """
    role = Role(
        code=code.strip(),
        name=name.strip(),
        level=level,
        owner=owner,
        scope=scope,
        permissions=_known(permissions),
        money_limits=clean_limits(money_limits or {}),
        incompatible=_codes(incompatible),
        needs_second_factor=needs_second_factor,
    )
    if not CODE.fullmatch(role.code):
        raise OrgError(
            OrgErrorCode.INVALID, _("角色代码由小写字母、数字和短横线组成，2 至 40 位"), field="code"
        )
    if by is not None:
        forget(by)
    require_maker(by, "role.create", owner)
    _require_sound(by, role)
    try:
        with transaction.atomic():
            role.save(force_insert=True)
            record(CREATED, role, after=_story(role))
    except IntegrityError as error:
        raise OrgError(OrgErrorCode.CODE_TAKEN, _("角色代码已被使用"), field="code") from error
    return role


def change_role(by: Actor, role: Role, **changes: Any) -> Role:
    """Change a role: name, permissions, scope, money_limits, incompatible, needs_second_factor. Counts at once.

    What the change adds must be within the changer's own rights, and nothing sensitive is added to a role that people
    hold: that would go past the second person. Raises OutOfScope, NotAllowed, OrgError (INVALID, REQUIRED,
    ROLE_TOO_WIDE), LockTimeout. Locks: the role.
    """
    with transaction.atomic():
        rows = lock_rows(Role.objects.filter(pk=role.pk))
        if not rows:
            raise OutOfScope
        locked = rows[0]
        if by is not None:
            forget(by)
        require_maker(by, "role.edit", locked.owner)
        before = _story(locked)
        had, had_limits = set(locked.permissions), dict(locked.money_limits)
        if "name" in changes:
            locked.name = changes["name"].strip()
        if "permissions" in changes:
            locked.permissions = _known(changes["permissions"])
        if "money_limits" in changes:
            locked.money_limits = clean_limits(changes["money_limits"])
        if "incompatible" in changes:
            locked.incompatible = _codes(changes["incompatible"])
        for plain in ("scope", "needs_second_factor"):
            if plain in changes:
                setattr(locked, plain, changes[plain])
        _require_sound(by, locked)
        if by is not None:
            _require_no_short_cut(locked, had, had_limits, before["scope"])
        locked.save()
        sync_role(locked)
        record(CHANGED, locked, before=before, after=_story(locked))
    return locked


def switch_role(by: Actor, role: Role, on: bool) -> Role:
    """Turn a role off (nobody has it from the next request on) or on again. Errors and locks as `change_role`."""
    with transaction.atomic():
        rows = lock_rows(Role.objects.filter(pk=role.pk))
        if not rows:
            raise OutOfScope
        locked = rows[0]
        if by is not None:
            forget(by)
        require_maker(by, "role.edit", locked.owner)
        if on:
            _require_sound(by, locked)
        before = {"is_active": locked.is_active}
        locked.is_active = on
        locked.save(update_fields=["is_active"])
        sync_role(locked)
        record(SWITCHED, locked, before=before, after={"is_active": on})
    return locked


def clean_limits(limits: Mapping[str, Any]) -> dict[str, str]:
    """The limits as they are stored: known kinds, yuan with two places; empty ones are left out. Raises INVALID."""
    cleaned = {}
    for kind, amount in limits.items():
        if amount in (None, ""):
            continue
        try:
            value = Decimal(str(amount).strip())
        except InvalidOperation:
            value = Decimal("NaN")
        if kind not in KINDS or not value.is_finite() or not 0 <= value <= MOST or value != round(value, 2):
            raise OrgError(
                OrgErrorCode.INVALID,
                _("%(kind)s上限应为 0 至 100000000 的金额，最多两位小数") % {"kind": limit_label(kind)},
                field=f"limit_{kind}",
            )
        cleaned[kind] = f"{value:.2f}"
    return cleaned


def require_maker(by: Actor, permission: str, owner: OrgUnit | None) -> None:
    """A unit's roles and posts are made where one may at the unit; the company's by whoever may everywhere.

    Raises OutOfScope, NotAllowed.
    """
    if by is None:
        return
    if owner is not None:
        if not may_at(by, permission, owner):
            raise NotAllowed if may_at(by, "role.view", owner) else OutOfScope
        return
    root = OrgUnit.objects.filter(parent__isnull=True).first()
    if root is None or is_outsider(by):
        if not getattr(by, "is_superuser", False):
            raise NotAllowed
        return
    if not may_at(by, permission, root):
        raise NotAllowed


def _require_sound(by: Actor, role: Role) -> None:
    if not role.name:
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写角色名称"), field="name")
    if role.level not in Level.values:
        raise OrgError(OrgErrorCode.WRONG_LEVEL, _("没有这个级别"), field="level")
    if role.scope not in DataScope.values:
        raise OrgError(OrgErrorCode.INVALID, _("没有这种数据范围"), field="scope")
    owner = role.owner or OrgUnit.objects.filter(parent__isnull=True).first()
    if owner is None:
        return
    if role.owner is not None and role.level < role.owner.level:
        raise OrgError(
            OrgErrorCode.WRONG_LEVEL, _("不能为上级机构设立角色：适用级别应为本级或下级"), field="level"
        )
    # named units are chosen when the role is given, and checked then
    require_width(by, role, span_of(role.scope, owner))


def _require_no_short_cut(role: Role, had: set[str], had_limits: dict[str, str], had_scope: str) -> None:
    wider = had_scope != DataScope.ALL and role.scope == DataScope.ALL
    added = role.permissions if wider else [code for code in role.permissions if code not in had]
    raised = {
        kind: amount
        for kind, amount in role.money_limits.items()
        if decimal_of(amount) > decimal_of(had_limits.get(kind, "0"))
    }
    new = sensitive_parts(added, raised)
    if not new:
        return
    holders = RoleGrant.objects.filter(role=role, state__in=LIVE).count()
    if holders:
        raise OrgError(
            OrgErrorCode.INVALID,
            _("已有 %(count)s 人持有该角色，不能直接加入须双人复核的内容：%(list)s")
            % {"count": holders, "list": "、".join(new)},
            field="permissions",
            hint=_("请另建一个角色授予，由第二人复核"),
        )


def _known(codes: Iterable[str]) -> list[str]:
    wanted = set(codes)
    known = permissions()
    unknown = sorted(wanted - known.keys())
    if unknown:
        raise OrgError(
            OrgErrorCode.INVALID,
            _("没有这些权限：%(list)s") % {"list": "、".join(unknown)},
            field="permissions",
        )
    return [code for code in known if code in wanted]


def _codes(codes: Iterable[str]) -> list[str]:
    return sorted({code.strip() for code in codes if code.strip()})


def _story(role: Role) -> dict[str, Any]:
    return snapshot(
        role,
        ("code", "name", "level", "owner", "permissions", "scope", "money_limits", "needs_second_factor",
         "incompatible", "is_active"),
    )  # fmt: skip
