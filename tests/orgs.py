"""A small organisation for tests, written straight into the tables: two areas, three counties, branches, outlets.

```
CQ 市中心
├── A1 渝中片区 ─┬─ C11 甲县中心 ── B111 ── O1111, O1112 ; B112
│                └─ C12 乙县中心 ── B121 ── O1211
└── A2 渝西片区 ──── C21 丙县中心 ── B211
```
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from saleor.account.models import User

from plugins.org_hierarchy.levels import UnitStatus
from plugins.org_hierarchy.models import DataScope, OrgUnit, Role, RoleGrant, Staff, UnitVersion
from plugins.org_hierarchy.paths import path_of, reserve_keys
from saleor_o2o.kernel.clock import now

TREE = (
    ("CQ", None, "市中心"),
    ("A1", "CQ", "渝中片区中心"),
    ("A2", "CQ", "渝西片区中心"),
    ("C11", "A1", "甲县中心"),
    ("C12", "A1", "乙县中心"),
    ("C21", "A2", "丙县中心"),
    ("B111", "C11", "甲县一支局"),
    ("B112", "C11", "甲县二支局"),
    ("B121", "C12", "乙县一支局"),
    ("B211", "C21", "丙县一支局"),
    ("O1111", "B111", "甲县一支局一网点"),
    ("O1112", "B111", "甲县一支局二网点"),
    ("O1211", "B121", "乙县一支局一网点"),
)


def unit(code: str, parent: OrgUnit | None, name: str = "", **fields: Any) -> OrgUnit:
    """Write one unit below a parent (None: the root) with its first version; open since 2026-01-01."""
    [key] = reserve_keys(1)
    made = _unit(key, code, parent, name, fields)
    made.save(force_insert=True)
    _version(made).save()
    return made


def small_org() -> dict[str, OrgUnit]:
    """Write the tree above, in three statements, and return its units by code."""
    made: dict[str, OrgUnit] = {}
    for key, (code, parent, name) in zip(reserve_keys(len(TREE)), TREE, strict=True):
        made[code] = _unit(key, code, made[parent] if parent else None, name, {})
    OrgUnit.objects.bulk_create(made.values())
    UnitVersion.objects.bulk_create(map(_version, made.values()))
    return made


def _unit(key: int, code: str, parent: OrgUnit | None, name: str, fields: dict[str, Any]) -> OrgUnit:
    values = {"status": UnitStatus.ACTIVE, "effective_from": date(2026, 1, 1), **fields}
    return OrgUnit(
        pk=key,
        code=code,
        name=name or code,
        level=parent.level + 1 if parent else 1,
        parent=parent,
        path=path_of(parent.path if parent else "", key),
        **values,
    )


def _version(made: OrgUnit) -> UnitVersion:
    return UnitVersion(
        unit=made, revision=1, valid_from=now(), parent=made.parent, path=made.path, code=made.code, name=made.name,
        status=made.status, actor="system",
    )  # fmt: skip


def person(
    at: OrgUnit,
    name: str,
    permissions: Iterable[str] = (),
    *,
    scope: str = DataScope.UNIT_AND_BELOW,
    units: Iterable[OrgUnit] = (),
    limits: dict[str, str] | None = None,
    second_factor: bool = False,
) -> User:
    """Write a member of the staff with one role at a unit; the user's password is `pass-word`.

    The employee number is the name; the role is `role-<name>`.
    """
    user = User.objects.create_user(f"{name}@example.com", "pass-word", is_staff=True, first_name=name)
    staff = Staff.objects.create(user=user, employee_no=name, name=name, unit=at)
    grant(staff, at, permissions, scope=scope, units=units, limits=limits, second_factor=second_factor)
    return user


def grant(
    staff: Staff,
    at: OrgUnit,
    permissions: Iterable[str],
    *,
    code: str = "",
    scope: str = DataScope.UNIT_AND_BELOW,
    units: Iterable[OrgUnit] = (),
    limits: dict[str, str] | None = None,
    second_factor: bool = False,
) -> RoleGrant:
    """Give a person a new role with these permissions at a unit."""
    role = Role.objects.create(
        code=code or f"role-{staff.employee_no}-{at.code}-{Role.objects.count()}".lower(),
        name=f"角色 {staff.name}",
        level=at.level,
        permissions=list(permissions),
        scope=scope,
        money_limits=limits or {},
        needs_second_factor=second_factor,
    )
    made = RoleGrant.objects.create(staff=staff, role=role, unit=at, granted_by="system")
    made.units.add(*units)
    return made


def again(user: User) -> User:
    """The user as the next request would read it."""
    return User.objects.get(pk=user.pk)
