"""``couponVoid``: the staff voids coupons that were given by mistake."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row, require

from ...models import Coupon
from ...permissions import VOID
from ...services.managing import void
from ..types import CouponType, errors_field, errors_of


class CouponVoid(graphene.Mutation):
    """All of them or none; only unused ones."""

    coupons = graphene.List(graphene.NonNull(CouponType), description="作废的优惠券")
    errors = errors_field()

    class Arguments:
        numbers = graphene.List(
            graphene.NonNull(graphene.String), required=True, description="券号，最多 200 个"
        )
        reason = graphene.String(required=True, description="原因")

    class Meta:
        description = "员工：作废未使用的优惠券。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, numbers: list[str], reason: str) -> CouponVoid:
        """Needs ``coupon.void`` over each. Errors come back in ``errors``."""
        user = info.context.user
        try:
            wanted = list(dict.fromkeys(one.strip().upper() for one in numbers))[:200]
            for number in wanted:
                require(user, VOID, get_row(user, Coupon, number=number))
            found = void(wanted, reason)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(coupons=found, errors=[])
