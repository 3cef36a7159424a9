"""Types of people, posts, roles and grants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.errors import DomainError

from ...access.grants import Access, Reach, access_of, decimal_of, is_outsider
from ...limits import limit_label
from ...masking import phone_for
from ...models import DataScope, GrantSource, GrantState, Role, RoleGrant, Staff, StaffPost, StaffStatus
from ...services.holdings import Holding, kind_label
from ..units.types import OrgUnitLevel, OrgUnitType

OrgStaffStatus = graphene.Enum("OrgStaffStatus", [(item.name, item.value) for item in StaffStatus])
OrgGrantState = graphene.Enum("OrgGrantState", [(item.name, item.value) for item in GrantState])
OrgGrantSource = graphene.Enum("OrgGrantSource", [(item.name, item.value) for item in GrantSource])
OrgDataScope = graphene.Enum("OrgDataScope", [(item.name, item.value) for item in DataScope])


class StaffErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "OrgStaffError"


class OrgRoleType(graphene.ObjectType):
    """A role. What is in it is told to whoever may look at roles."""

    code = graphene.String(required=True, description="代码")
    name = graphene.String(required=True, description="名称")
    scope = graphene.Field(OrgDataScope, required=True, description="数据范围")
    level = graphene.Field(OrgUnitLevel, required=True, description="适用级别")
    owner = graphene.String(description="创建机构的代码；公司统一的角色为空")
    is_active = graphene.Boolean(required=True, description="启用")
    needs_second_factor = graphene.Boolean(required=True, description="登录须二次验证")
    permissions = graphene.List(
        graphene.NonNull(graphene.String), description="包含的权限；没有查看角色的权限则为空"
    )
    limits = graphene.List(
        graphene.NonNull(lambda: StaffLimitType), description="金额上限；没有查看角色的权限则为空"
    )
    incompatible = graphene.List(
        graphene.NonNull(graphene.String), description="不相容角色的代码；没有查看角色的权限则为空"
    )

    class Meta:
        name = "OrgRole"

    @staticmethod
    def resolve_owner(root: Role, _info: Any) -> str | None:
        """Read along with a list of roles."""
        return root.owner.code if root.owner else None

    @staticmethod
    def resolve_permissions(root: Role, info: Any) -> list[str] | None:
        """In the order of declaration."""
        return list(root.permissions) if sees_roles(info.context.user) else None

    @staticmethod
    def resolve_limits(root: Role, info: Any) -> list[StaffLimitType] | None:
        """In a fixed order."""
        return _limits(root.money_limits) if sees_roles(info.context.user) else None

    @staticmethod
    def resolve_incompatible(root: Role, info: Any) -> list[str] | None:
        """In a fixed order."""
        return list(root.incompatible) if sees_roles(info.context.user) else None


class OrgStaffPostType(graphene.ObjectType):
    """A post that somebody holds."""

    id = graphene.ID(required=True, description="编号")
    code = graphene.String(required=True, description="岗位代码")
    name = graphene.String(required=True, description="岗位名称")
    unit = graphene.Field(OrgUnitType, required=True, description="机构")
    is_primary = graphene.Boolean(required=True, description="主岗")
    valid_from = graphene.Date(required=True, description="自")
    valid_to = graphene.Date(description="至，最后一天")

    class Meta:
        name = "OrgStaffPost"

    @staticmethod
    def resolve_code(root: StaffPost, _info: Any) -> str:
        """The post's code."""
        return root.post.code

    @staticmethod
    def resolve_name(root: StaffPost, _info: Any) -> str:
        """The post's name."""
        return root.post.name


class OrgStaffType(graphene.ObjectType):
    """A person of the company."""

    id = graphene.ID(required=True, description="编号")
    employee_no = graphene.String(required=True, description="工号")
    name = graphene.String(required=True, description="姓名")
    mobile = graphene.String(required=True, description="手机号（只显示首尾）")
    status = graphene.Field(OrgStaffStatus, required=True, description="状态")
    unit = graphene.Field(OrgUnitType, required=True, description="所属机构")
    posts = graphene.List(graphene.NonNull(OrgStaffPostType), required=True, description="现任岗位，主岗在前")

    class Meta:
        name = "OrgStaff"

    @staticmethod
    def resolve_mobile(root: Staff, _info: Any) -> str:
        """Masked for everybody: whole numbers are a page with a reason."""
        return phone_for(root) if root.mobile else ""

    @staticmethod
    def resolve_posts(root: Staff, _info: Any) -> list[StaffPost]:
        """Read along with the person."""
        held = [post for post in root.posts.all() if post.valid_to is None]
        return sorted(held, key=lambda post: not post.is_primary)


class OrgRoleGrantType(graphene.ObjectType):
    """Somebody has, had or is to have a role at a unit."""

    id = graphene.ID(required=True, description="编号")
    role = graphene.Field(OrgRoleType, required=True, description="角色")
    employee_no = graphene.String(required=True, description="工号")
    staff_name = graphene.String(required=True, description="姓名")
    unit = graphene.Field(OrgUnitType, required=True, description="机构")
    state = graphene.Field(OrgGrantState, required=True, description="状态；PENDING 须第二人复核")
    source = graphene.Field(OrgGrantSource, required=True, description="来源")
    valid_from = graphene.Date(required=True, description="自")
    valid_to = graphene.Date(description="至，最后一天")
    reason = graphene.String(required=True, description="事由")

    class Meta:
        name = "OrgRoleGrant"

    @staticmethod
    def resolve_employee_no(root: RoleGrant, _info: Any) -> str:
        """Whose it is: the grant's own words, without the person's file."""
        return root.staff.employee_no

    @staticmethod
    def resolve_staff_name(root: RoleGrant, _info: Any) -> str:
        """Whose it is: the grant's own words, without the person's file."""
        return root.staff.name


class OrgHoldingType(graphene.ObjectType):
    """A matter in a person's hands."""

    kind = graphene.String(required=True, description="类别")
    kind_label = graphene.String(required=True, description="类别名称")
    key = graphene.String(required=True, description="编号")
    label = graphene.String(required=True, description="事项")
    note = graphene.String(required=True, description="说明")
    can_hand_over = graphene.Boolean(required=True, description="可以移交；否则须先办结")

    class Meta:
        name = "OrgHolding"

    @staticmethod
    def resolve_kind_label(root: Holding, _info: Any) -> str:
        """In the language of the request."""
        return kind_label(root.kind)

    @staticmethod
    def resolve_label(root: Holding, _info: Any) -> str:
        """In the language of the request."""
        return str(root.label)

    @staticmethod
    def resolve_note(root: Holding, _info: Any) -> str:
        """In the language of the request."""
        return str(root.note)

    @staticmethod
    def resolve_can_hand_over(root: Holding, _info: Any) -> bool:
        """By the plugin that knows of it."""
        return root.hand is not None


class StaffReachType(graphene.ObjectType):
    """How far a permission goes."""

    everything = graphene.Boolean(required=True, description="全部")
    below = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="这些路径及以下的机构"
    )
    unit_ids = graphene.List(graphene.NonNull(graphene.ID), required=True, description="这些机构本身")
    own = graphene.Boolean(required=True, description="本人的记录")

    class Meta:
        name = "OrgStaffReach"


class StaffPermissionType(graphene.ObjectType):
    """A permission with its reach."""

    code = graphene.String(required=True, description="权限")
    reach = graphene.Field(StaffReachType, required=True, description="数据范围")

    class Meta:
        name = "OrgStaffPermission"


class StaffLimitType(graphene.ObjectType):
    """The highest sum that one decides alone."""

    kind = graphene.String(required=True, description="种类：refund、discount、cash")
    label = graphene.String(required=True, description="种类名称")
    amount = graphene.Field(Decimal, required=True, description="金额（元）")

    class Meta:
        name = "OrgStaffLimit"


class StaffProfileType(graphene.ObjectType):
    """Whoever asks, as the organisation knows him now."""

    staff = graphene.Field(OrgStaffType, required=True, description="本人")
    roles = graphene.List(graphene.NonNull(graphene.String), required=True, description="现有角色的代码")
    permissions = graphene.List(
        graphene.NonNull(StaffPermissionType), required=True, description="现有权限和数据范围"
    )
    limits = graphene.List(graphene.NonNull(StaffLimitType), required=True, description="金额上限")
    needs_second_factor = graphene.Boolean(required=True, description="登录须二次验证")

    class Meta:
        name = "OrgStaffProfile"

    @staticmethod
    def resolve_roles(root: Access, _info: Any) -> list[str]:
        """In a fixed order."""
        return sorted(root.roles)

    @staticmethod
    def resolve_permissions(root: Access, _info: Any) -> list[StaffPermissionType]:
        """In a fixed order."""
        return [
            StaffPermissionType(code=code, reach=_reach(reach))
            for code, reach in sorted(root.reaches.items())
        ]

    @staticmethod
    def resolve_limits(root: Access, _info: Any) -> list[StaffLimitType]:
        """In a fixed order."""
        return _limits(root.limits)


def sees_roles(user: Any) -> bool:
    """True for whoever may look at roles somewhere."""
    if is_outsider(user):
        return bool(getattr(user, "is_superuser", False))
    return not access_of(user).reach("role.view").nothing


def _limits(limits: Mapping[str, Any]) -> list[StaffLimitType]:
    return [
        StaffLimitType(kind=kind, label=limit_label(kind), amount=decimal_of(amount))
        for kind, amount in sorted(limits.items())
    ]


def _reach(reach: Reach) -> StaffReachType:
    return StaffReachType(
        everything=reach.everything,
        below=sorted(reach.paths),
        unit_ids=sorted(reach.units),
        own=reach.own is not None,
    )


class StaffAnswer(graphene.Mutation):
    """A mutation whose refusals come back in ``errors``."""

    errors = graphene.List(graphene.NonNull(StaffErrorType), required=True, description="错误；成功时为空")

    class Meta:
        abstract = True

    @classmethod
    def answer(cls, deed: Any) -> Any:
        """What ``deed`` returns, or its refusal."""
        try:
            return cls(errors=[], **deed())
        except DomainError as error:
            told = StaffErrorType(
                field=_camel(error.field), message=error.message, hint=error.hint, code=str(error.code.value)
            )
            return cls(errors=[told])


def _camel(name: str | None) -> str | None:
    words = (name or "").split("_")
    return words[0] + "".join(word.title() for word in words[1:]) or None
