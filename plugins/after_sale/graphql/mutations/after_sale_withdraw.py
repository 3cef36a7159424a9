"""``afterSaleWithdraw``: the customer does not want it any more."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.deciding import withdraw_wish
from ..types import AfterSaleType, errors_field, errors_of, shopper


class AfterSaleWithdraw(graphene.Mutation):
    """Withdraw; again changes nothing."""

    after_sale = graphene.Field(AfterSaleType, description="售后单")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="售后单号")

    class Meta:
        description = "撤销售后申请。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str) -> AfterSaleWithdraw:
        """Only one's own."""
        try:
            return cls(after_sale=withdraw_wish(shopper(info), number), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
