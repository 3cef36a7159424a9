"""Queries of people."""

from __future__ import annotations

from typing import Any

import graphene
from django.db.models import Q

from saleor_o2o.kernel.scope import policy_for, rows_for

from ...access.grants import Access, access_of
from ...models import RoleGrant, Staff
from ...services.holdings import Holding, holdings
from .types import (
    OrgGrantState,
    OrgHoldingType,
    OrgRoleGrantType,
    OrgStaffStatus,
    OrgStaffType,
    StaffProfileType,
)

MOST = 100


class StaffQueries(graphene.ObjectType):
    """What a member of the staff asks about himself and his people."""

    staff_profile = graphene.Field(
        StaffProfileType, description="本人的岗位、权限、数据范围和金额上限；不在机构名册中则为空。"
    )
    staff_members = graphene.List(
        graphene.NonNull(OrgStaffType),
        unit=graphene.Argument(graphene.String, description="所属机构代码"),
        post=graphene.Argument(graphene.String, description="现任岗位代码"),
        status=graphene.Argument(OrgStaffStatus, description="状态"),
        search=graphene.Argument(graphene.String, description="工号开头，或姓名的一部分"),
        first=graphene.Argument(graphene.Int, default_value=20, description="最多几人，上限 100"),
        after=graphene.Argument(graphene.String, description="上一页最后一人的工号"),
        required=True,
        description="管辖范围内的人员，按工号；看不到的等于没有。",
    )

    staff_holdings = graphene.List(
        graphene.NonNull(OrgHoldingType),
        staff=graphene.Argument(graphene.String, required=True, description="工号"),
        required=True,
        description="交接清单：此人手上未了的事项；须有离职交接的权限，否则为空。",
    )
    role_grants = graphene.List(
        graphene.NonNull(OrgRoleGrantType),
        state=graphene.Argument(OrgGrantState, description="状态；PENDING 为待复核"),
        staff=graphene.Argument(graphene.String, description="工号"),
        role=graphene.Argument(graphene.String, description="角色代码"),
        first=graphene.Argument(graphene.Int, default_value=20, description="最多几条，上限 100"),
        before=graphene.Argument(graphene.ID, description="上一页最后一条的编号"),
        required=True,
        description="管辖范围内的授权，新的在前。",
    )

    @staticmethod
    def resolve_staff_holdings(_root: Any, info: Any, staff: str) -> list[Holding]:
        """Asked of every plugin."""
        user = info.context.user
        person = rows_for(user, Staff).filter(employee_no=staff.strip().upper()).first()
        if person is None or not policy_for(Staff).may(user, "staff.leave", person):
            return []
        return holdings(person)

    @staticmethod
    def resolve_role_grants(
        _root: Any,
        info: Any,
        first: int,
        state: str = "",
        staff: str = "",
        role: str = "",
        before: str = "",
    ) -> list[RoleGrant]:
        """A page; the statements do not grow with it."""
        rows = rows_for(info.context.user, RoleGrant)
        if state:
            rows = rows.filter(state=state)
        if staff:
            rows = rows.filter(staff__employee_no=staff.strip().upper())
        if role:
            rows = rows.filter(role__code=role.strip())
        if before.isdecimal():
            rows = rows.filter(pk__lt=before)
        found = rows.select_related("role__owner", "unit", "staff")
        return list(found.order_by("-pk")[: max(0, min(first, MOST))])

    @staticmethod
    def resolve_staff_profile(_root: Any, info: Any) -> Access | None:
        """As the next check would see it."""
        access = access_of(info.context.user)
        return access if access.staff is not None else None

    @staticmethod
    def resolve_staff_members(
        _root: Any,
        info: Any,
        first: int,
        unit: str = "",
        post: str = "",
        status: str = "",
        search: str = "",
        after: str = "",
    ) -> list[Staff]:
        """A page of the people in reach; the statements do not grow with it."""
        rows = rows_for(info.context.user, Staff)
        if unit:
            rows = rows.filter(unit__code=unit.upper())
        if post:
            rows = rows.filter(posts__post__code=post, posts__valid_to__isnull=True).distinct()
        if status:
            rows = rows.filter(status=status)
        word = search.strip()
        if word:
            rows = rows.filter(Q(employee_no__istartswith=word) | Q(name__icontains=word))
        if after:
            rows = rows.filter(employee_no__gt=after)
        found = rows.select_related("unit").prefetch_related("posts__post", "posts__unit")
        return list(found.order_by("employee_no")[: max(0, min(first, MOST))])
