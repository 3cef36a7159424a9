"""``couponScan``: a member scans the code that hangs in an outlet."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.scanning import scan
from ..types import CouponType, errors_field, errors_of, own_member


class CouponScan(graphene.Mutation):
    """Once a day per member and giving."""

    coupons = graphene.List(graphene.NonNull(CouponType), description="得到的优惠券")
    fresh = graphene.Boolean(description="这一次才得到；今天扫过的为 false")
    errors = errors_field()

    class Arguments:
        code = graphene.String(required=True, description="网点码")

    class Meta:
        description = "扫网点码领优惠券。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str) -> CouponScan:
        """Errors come back in ``errors``."""
        try:
            coupons, fresh = scan(own_member(info), code)
            return cls(coupons=coupons, fresh=fresh, errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
