"""Types of departments, posts and permissions."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from ...access.registry import Permission
from ...models import Department, Post
from ...services.posts import with_people
from ...services.rules import is_sensitive
from ..staff.types import OrgRoleType
from ..units.types import OrgUnitLevel, OrgUnitType


class OrgDepartmentType(graphene.ObjectType):
    """A department of one unit."""

    id = graphene.ID(required=True, description="编号")
    code = graphene.String(required=True, description="代码")
    name = graphene.String(required=True, description="名称")
    unit = graphene.Field(OrgUnitType, required=True, description="机构")
    is_active = graphene.Boolean(required=True, description="启用")
    people = graphene.Int(required=True, description="在岗人数")

    class Meta:
        name = "OrgDepartment"

    @staticmethod
    def resolve_people(root: Department, _info: Any) -> int:
        """Read along with a list; counted for a single one."""
        return _people(root)


class OrgPostType(graphene.ObjectType):
    """A kind of post, with the role that comes with it."""

    id = graphene.ID(required=True, description="编号")
    code = graphene.String(required=True, description="代码")
    name = graphene.String(required=True, description="名称")
    level = graphene.Field(OrgUnitLevel, required=True, description="级别")
    owner = graphene.String(description="设立机构的代码；公司统一的岗位为空")
    department = graphene.String(required=True, description="部门代码；没有则为空串")
    role = graphene.Field(OrgRoleType, required=True, description="随岗位取得的角色")
    is_active = graphene.Boolean(required=True, description="启用")
    people = graphene.Int(required=True, description="在岗人数")

    class Meta:
        name = "OrgPost"

    @staticmethod
    def resolve_owner(root: Post, _info: Any) -> str | None:
        """Read along with the post."""
        return root.owner.code if root.owner else None

    @staticmethod
    def resolve_people(root: Post, _info: Any) -> int:
        """Read along with a list; counted for a single one."""
        return _people(root)


class OrgPermissionType(graphene.ObjectType):
    """What a role can be made of."""

    code = graphene.String(required=True, description="权限：资源.动作")
    label = graphene.String(required=True, description="动作名称")
    resource = graphene.String(required=True, description="资源")
    resource_label = graphene.String(required=True, description="资源名称")
    sensitive = graphene.Boolean(required=True, description="授予时须双人复核")

    class Meta:
        name = "OrgPermission"

    @staticmethod
    def resolve_sensitive(root: Permission, _info: Any) -> bool:
        """By the company's list."""
        return is_sensitive(root.code)


class OrgMoneyLimitInput(graphene.InputObjectType):
    """The highest sum that holders of a role decide alone."""

    kind = graphene.String(required=True, description="种类：refund、discount、cash")
    amount = Decimal(required=True, description="金额（元），最多两位小数")


def _people(root: Any) -> int:
    counted = (
        root if hasattr(root, "held_") else with_people(type(root)._default_manager.filter(pk=root.pk)).get()
    )
    return int(counted.held_ or 0)
