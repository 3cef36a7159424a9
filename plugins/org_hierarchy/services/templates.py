"""The company's departments, posts and roles as data, brought into the tables.

Rows that are there keep what people changed: only what is missing is made, and only permissions that a template has
newly come to (a plugin was switched on) are added to its role.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from ..access.registry import permissions
from ..levels import Level
from ..models import Department, OrgUnit, Post, Role

DATA = Path(__file__).resolve().parent.parent / "data" / "templates.toml"


@dataclass(frozen=True)
class PostTemplate:
    """A post and the role that comes with it. `patterns` name permissions (`order.*`, `channel.view`)."""

    code: str
    name: str
    level: int
    department: str
    patterns: tuple[str, ...]
    scope: str
    limits: dict[str, str]
    second_factor: bool
    incompatible: tuple[str, ...]


@dataclass(frozen=True)
class DepartmentTemplate:
    """A department that every unit of a level has."""

    level: int
    code: str
    name: str


@cache
def post_templates() -> tuple[PostTemplate, ...]:
    """The posts, from the outlets up. Raises KeyError for an `includes` that names no post."""
    listed = _data()["post"]
    by_code = {entry["code"]: entry for entry in listed}
    return tuple(
        PostTemplate(
            code=entry["code"],
            name=entry["name"],
            level=entry["level"],
            department=entry.get("department", ""),
            patterns=tuple(_patterns(entry, by_code)),
            scope=entry["scope"],
            limits=dict(entry.get("limits", {})),
            second_factor=entry.get("second_factor", False),
            incompatible=tuple(entry.get("incompatible", ())),
        )
        for entry in listed
    )


@cache
def department_templates() -> tuple[DepartmentTemplate, ...]:
    """The departments by level."""
    return tuple(DepartmentTemplate(**entry) for entry in _data()["department"])


def sensitive_rules() -> dict[str, Any]:
    """The permissions (patterns) and limits that no single person may give."""
    rules: dict[str, Any] = _data()["sensitive"]
    return rules


def expand(patterns: Iterable[str]) -> list[str]:
    """The declared permissions that the patterns name, in the order of declaration; unknown names are left out."""
    exact, heads = set(), []
    for pattern in patterns:
        if pattern.endswith("*"):
            heads.append(pattern[:-1])
        else:
            exact.add(pattern)
    return [code for code in permissions() if code in exact or code.startswith(tuple(heads))]


def sync_templates() -> dict[str, int]:
    """Create the missing roles and posts, add newly declared permissions; returns how many rows of each changed.

    One transaction. Locks: none; two at once are kept apart by the unique codes.
    """
    counts = {"roles": 0, "posts": 0, "permissions": 0}
    with transaction.atomic():
        roles = {role.code: role for role in Role.objects.filter(owner__isnull=True)}
        posts = set(Post.objects.values_list("code", flat=True))
        for template in post_templates():
            role = roles.get(template.code)
            if role is None:
                role = _make_role(template)
                counts["roles"] += 1
            else:
                counts["permissions"] += _widen(role, template)
            if template.code not in posts:
                Post.objects.create(
                    code=template.code,
                    name=template.name,
                    level=template.level,
                    department=template.department,
                    role=role,
                )
                counts["posts"] += 1
    return counts


def ensure_departments(unit: OrgUnit) -> list[Department]:
    """Create the departments that a unit of this level has and this one lacks; returns all of the unit's."""
    for template in department_templates():
        if template.level == unit.level:
            Department.objects.get_or_create(unit=unit, code=template.code, defaults={"name": template.name})
    return list(Department.objects.filter(unit=unit))


def _make_role(template: PostTemplate) -> Role:
    wanted = expand(template.patterns)
    return Role.objects.create(
        code=template.code,
        name=template.name,
        level=Level(template.level),
        permissions=wanted,
        from_template=wanted,
        scope=template.scope,
        money_limits=template.limits,
        needs_second_factor=template.second_factor,
        incompatible=list(template.incompatible),
    )


def _widen(role: Role, template: PostTemplate) -> int:
    new = [code for code in expand(template.patterns) if code not in role.from_template]
    if new:
        role.permissions = list(dict.fromkeys([*role.permissions, *new]))
        role.from_template = [*role.from_template, *new]
        role.save(update_fields=["permissions", "from_template"])
    return len(new)


def _patterns(entry: dict[str, Any], by_code: dict[str, dict[str, Any]]) -> list[str]:
    found = list(entry.get("permissions", ()))
    for code in entry.get("includes", ()):
        found += _patterns(by_code[code], by_code)
    return list(dict.fromkeys(found))


def _data() -> dict[str, Any]:
    with DATA.open("rb") as file:
        return tomllib.load(file)
