"""``afterSaleReceive``: what was exchanged or repaired has arrived."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.exchanging import receive_out
from ..types import AfterSaleType, errors_field, errors_of, shopper


class AfterSaleReceive(graphene.Mutation):
    """Confirm; again changes nothing."""

    after_sale = graphene.Field(AfterSaleType, description="售后单")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="售后单号")

    class Meta:
        description = "确认收到换货或维修后的商品。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str) -> AfterSaleReceive:
        """Only one's own."""
        try:
            return cls(after_sale=receive_out(shopper(info), number), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
