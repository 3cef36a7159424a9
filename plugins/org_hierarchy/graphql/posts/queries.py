"""Queries of departments, posts, roles and permissions."""

from __future__ import annotations

from typing import Any

import graphene
from django.db.models import Q, QuerySet

from saleor_o2o.kernel.scope import rows_for

from ...access.registry import Permission, permissions
from ...models import Department, Post, Role
from ...services.posts import with_people
from ..staff.types import OrgRoleType, sees_roles
from ..units.types import OrgUnitLevel
from .types import OrgDepartmentType, OrgPermissionType, OrgPostType

MOST = 100
FIRST = {"default_value": 20, "description": "最多几条，上限 100"}


class PostQueries(graphene.ObjectType):
    """What there is to appoint people to."""

    org_departments = graphene.List(
        graphene.NonNull(OrgDepartmentType),
        unit=graphene.Argument(graphene.String, description="机构代码"),
        is_active=graphene.Argument(graphene.Boolean, description="启用"),
        first=graphene.Argument(graphene.Int, **FIRST),
        after=graphene.Argument(graphene.ID, description="上一页最后一个部门的编号"),
        required=True,
        description="管辖范围内的部门，按机构和代码；看不到的等于没有。",
    )
    org_posts = graphene.List(
        graphene.NonNull(OrgPostType),
        level=graphene.Argument(OrgUnitLevel, description="级别"),
        owner=graphene.Argument(graphene.String, description="设立机构的代码"),
        is_active=graphene.Argument(graphene.Boolean, description="启用"),
        search=graphene.Argument(graphene.String, description="代码开头，或名称的一部分"),
        first=graphene.Argument(graphene.Int, **FIRST),
        after=graphene.Argument(graphene.String, description="上一页最后一个岗位的代码"),
        required=True,
        description="可用的岗位：公司统一的，和上级、本级、下级机构设立的，按代码。",
    )
    org_roles = graphene.List(
        graphene.NonNull(OrgRoleType),
        level=graphene.Argument(OrgUnitLevel, description="适用级别"),
        owner=graphene.Argument(graphene.String, description="创建机构的代码"),
        is_active=graphene.Argument(graphene.Boolean, description="启用"),
        search=graphene.Argument(graphene.String, description="代码开头，或名称的一部分"),
        first=graphene.Argument(graphene.Int, **FIRST),
        after=graphene.Argument(graphene.String, description="上一页最后一个角色的代码"),
        required=True,
        description="可用的角色：公司统一的，和上级、本级、下级机构创建的，按代码。",
    )
    org_permissions = graphene.List(
        graphene.NonNull(OrgPermissionType),
        required=True,
        description="角色可以包含的权限；无权查看角色的人得到空表。",
    )

    @staticmethod
    def resolve_org_departments(
        _root: Any, info: Any, first: int, unit: str = "", is_active: bool | None = None, after: str = ""
    ) -> list[Department]:
        """A page; the statements do not grow with it."""
        rows = rows_for(info.context.user, Department)
        if unit:
            rows = rows.filter(unit__code=unit.upper())
        if is_active is not None:
            rows = rows.filter(is_active=is_active)
        if after:
            last = (
                rows.filter(pk=after).values_list("unit__code", "code").first() if after.isdecimal() else None
            )
            if last is not None:
                rows = rows.filter(Q(unit__code__gt=last[0]) | Q(unit__code=last[0], code__gt=last[1]))
        found = with_people(rows.select_related("unit")).order_by("unit__code", "code")
        return list(found[: _most(first)])

    @staticmethod
    def resolve_org_posts(_root: Any, info: Any, first: int, **asked: Any) -> list[Post]:
        """A page; the statements do not grow with it."""
        rows = _asked(rows_for(info.context.user, Post), **asked)
        found = with_people(rows.select_related("owner", "role__owner")).order_by("code")
        return list(found[: _most(first)])

    @staticmethod
    def resolve_org_roles(_root: Any, info: Any, first: int, **asked: Any) -> list[Role]:
        """A page; the statements do not grow with it."""
        rows = _asked(rows_for(info.context.user, Role), **asked)
        return list(rows.select_related("owner").order_by("code")[: _most(first)])

    @staticmethod
    def resolve_org_permissions(_root: Any, info: Any) -> list[Permission]:
        """In the order of declaration."""
        return list(permissions().values()) if sees_roles(info.context.user) else []


def _asked(
    rows: QuerySet[Any],
    level: int | None = None,
    owner: str = "",
    is_active: bool | None = None,
    search: str = "",
    after: str = "",
) -> QuerySet[Any]:
    if level is not None:
        rows = rows.filter(level=level)
    if owner:
        rows = rows.filter(owner__code=owner.upper())
    if is_active is not None:
        rows = rows.filter(is_active=is_active)
    word = search.strip()
    if word:
        rows = rows.filter(Q(code__istartswith=word) | Q(name__icontains=word))
    return rows.filter(code__gt=after) if after else rows


def _most(first: int) -> int:
    return max(0, min(first, MOST))
