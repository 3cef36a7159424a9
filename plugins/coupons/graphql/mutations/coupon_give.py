"""``couponGive``: the staff gives members coupons."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, get_row

from ...models import CouponTemplate
from ...permissions import GIVE
from ...services.giving import give_directly
from ..types import CouponType, errors_field, errors_of


class CouponGive(graphene.Mutation):
    """All of the members get theirs, or none does; the same key again gives nothing more."""

    coupons = graphene.List(graphene.NonNull(CouponType), description="发出的优惠券")
    errors = errors_field()

    class Arguments:
        template = graphene.String(required=True, description="模板代码")
        members = graphene.List(
            graphene.NonNull(graphene.String), required=True, description="会员号，最多 200 个"
        )
        pieces = graphene.Int(description="每人几张，默认 1")
        reason = graphene.String(required=True, description="原因")
        key = graphene.String(required=True, description="请求号：同一请求号只发一次")

    class Meta:
        description = "员工：指定发放优惠券。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, template: str, members: list[str], reason: str, key: str, pieces: int = 1
    ) -> CouponGive:
        """Needs ``coupon.give`` at the template's unit; members in reach. Errors come back in ``errors``."""
        user = info.context.user
        try:
            row = get_row(user, CouponTemplate.objects.select_related("owner"), code=template)
            if not may_at(user, GIVE, row.owner):
                raise NotAllowed
            wanted = list(dict.fromkeys(number.strip().upper() for number in members))[:200]
            rows = [get_row(user, Member.objects.select_related("home_unit"), number=one) for one in wanted]
            found = give_directly(row, rows, key[:40], reason, pieces=pieces)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(coupons=found, errors=[])
