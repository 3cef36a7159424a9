"""``afterSaleChoose``: money instead of an exchange or a repair, or not."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.exchanging import choose
from ..types import AfterSaleType, errors_field, errors_of, shopper


class AfterSaleChoose(graphene.Mutation):
    """Answer the seller's offer of a refund."""

    after_sale = graphene.Field(AfterSaleType, description="售后单")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="售后单号")
        refund = graphene.Boolean(required=True, description="同意改为退货退款")

    class Meta:
        description = "答复商家“改为退款”的建议：不同意时，已寄到的商品原样寄回，未寄出的售后关闭。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, refund: bool) -> AfterSaleChoose:
        """Only one's own."""
        try:
            return cls(after_sale=choose(shopper(info), number, refund=refund), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
