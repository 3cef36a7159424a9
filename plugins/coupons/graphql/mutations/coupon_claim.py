"""``couponClaim``: a member takes a coupon in the claim centre."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...error_codes import CouponErrorCode as Code
from ...errors import CouponError
from ...services.giving import claim
from ..types import CouponType, errors_field, errors_of, own_member


class CouponClaim(graphene.Mutation):
    """Of the last coupon exactly one member has it; a repeated request takes no second one."""

    coupons = graphene.List(graphene.NonNull(CouponType), description="领到的优惠券")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="领券中心里的编号")
        key = graphene.String(description="请求号：同一请求号只领一次")

    class Meta:
        description = "领取优惠券。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, key: str = "") -> CouponClaim:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            if not (id.isascii() and id.isdigit() and len(id) < 12):
                raise CouponError(Code.NOT_GIVEN_NOW, "id")
            return cls(coupons=claim(int(id), member, (key or "")[:40]), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
