"""``counterOrderPayCash``: cash over the counter."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.errors import DomainError

from ...services.cash import pay_cash
from ..types import CounterErrorType, CounterSaleType, errors_of, sale_key, seller


class CounterOrderPayCash(graphene.Mutation):
    """Take cash for a sale. Repeating it answers with the same receipt."""

    sale = graphene.Field(CounterSaleType, description="柜台销售")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        sale_id = graphene.ID(required=True, description="销售编号")
        tendered = graphene.Argument(Decimal, required=True, description="实收现金（元）")

    class Meta:
        description = "收取现金：扣备付金、开收据、订单标记为已付。正在展示的收款码会先关闭。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, sale_id: str, tendered: Any) -> CounterOrderPayCash:
        """Errors come back in ``errors``; nothing is booked then."""
        try:
            receipt = pay_cash(seller(info), sale_key(sale_id), tendered)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(sale=receipt.sale, errors=[])
