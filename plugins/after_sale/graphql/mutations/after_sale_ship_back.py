"""``afterSaleShipBack``: the goods are on their way."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.returning import ship_back
from ..types import AfterSaleType, errors_field, errors_of, shopper


class AfterSaleShipBack(graphene.Mutation):
    """Enter the waybill; another one corrects it until the goods are received."""

    after_sale = graphene.Field(AfterSaleType, description="售后单")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="售后单号")
        carrier = graphene.String(required=True, description="快递公司")
        waybill = graphene.String(required=True, description="运单号")

    class Meta:
        description = "填写退货运单。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, carrier: str, waybill: str) -> AfterSaleShipBack:
        """Only one's own."""
        try:
            return cls(after_sale=ship_back(shopper(info), number, carrier, waybill), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
