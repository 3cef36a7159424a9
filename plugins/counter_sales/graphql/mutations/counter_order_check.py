"""``counterOrderCheck``: has the customer paid?"""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.codes import check_code
from ..types import CounterErrorType, CounterSaleType, errors_of, sale_key, seller


class CounterOrderCheck(graphene.Mutation):
    """Where a sale stands; asking the provider first if so wished."""

    sale = graphene.Field(CounterSaleType, description="柜台销售")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        sale_id = graphene.ID(required=True, description="销售编号")
        ask = graphene.Boolean(description="是否立即向微信查询", default_value=False)

    class Meta:
        description = "查询一笔销售是否到账；ask 为真时先向微信查询。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, sale_id: str, ask: bool = False) -> CounterOrderCheck:
        """Errors come back in ``errors``."""
        try:
            sale = check_code(seller(info), sale_key(sale_id), ask=ask)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(sale=sale, errors=[])
