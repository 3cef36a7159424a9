"""``counterOrderCreate``: a clerk places an order for the customer at the counter."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.placing import place_sale
from ..inputs import CounterOrderInput, wanted_of
from ..types import CounterErrorType, CounterSaleType, errors_of, seller


class CounterOrderCreate(graphene.Mutation):
    """Place a basket. The same key again answers with the same sale."""

    sale = graphene.Field(CounterSaleType, description="柜台销售")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        key = graphene.String(
            required=True, description="请求号（16 至 64 位）；重复提交同一请求号不会重复下单"
        )
        input = graphene.Argument(CounterOrderInput, required=True, description="订单内容")

    class Meta:
        description = "代客下单：锁定库存并生成待收款的订单。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, key: str, input: Any) -> CounterOrderCreate:
        """Errors come back in ``errors``; nothing is kept of a refused basket."""
        try:
            return cls(sale=place_sale(seller(info), wanted_of(input, key)), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
