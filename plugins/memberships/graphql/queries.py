"""Queries of memberships: what is on sale, one's own, and for the staff those of members in reach."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import Member, members_by_text
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..errors import MembershipError
from ..models import Membership, Plan
from ..permissions import VIEW
from ..selectors import memberships_of, plans_on_sale
from .types import MembershipPlanType, MembershipType, own_member


class MembershipQueries(graphene.ObjectType):
    """What may be bought, what one has, what members in reach have."""

    membership_plans = graphene.List(
        graphene.NonNull(MembershipPlanType),
        required=True,
        description="在售的会员方案；按普通商品下单，付款后立即开通",
    )
    my_memberships = graphene.List(
        graphene.NonNull(MembershipType), required=True, description="本人的会员资格；没有登录则为空列表"
    )
    member_memberships = graphene.List(
        graphene.NonNull(MembershipType), required=True,
        search=graphene.Argument(
            graphene.String, required=True, description="完整的会员号、手机号、卡号、证件号、用户名或邮箱"
        ),
        description="员工：管辖范围内一个会员的会员资格；不在范围内则为空列表。",
    )  # fmt: skip

    @staticmethod
    def resolve_membership_plans(_root: Any, _info: Any) -> list[Plan]:
        return plans_on_sale()

    @staticmethod
    def resolve_my_memberships(_root: Any, info: Any) -> list[Membership]:
        try:
            return memberships_of(own_member(info).pk)
        except MembershipError:
            return []

    @staticmethod
    def resolve_member_memberships(_root: Any, info: Any, search: str) -> list[Membership]:
        """Whole values only, and only members that the viewer's right reaches."""
        user = info.context.user
        if not user.is_authenticated or not policy_for(Membership).may(user, VIEW, Membership):
            return []
        found = [one.pk for one in members_by_text(search)]
        seen = list(rows_for(user, Member).filter(pk__in=found)[:2])
        if len(seen) != 1:
            return []
        return memberships_of(seen[0].pk, rows_for(user, Membership))
