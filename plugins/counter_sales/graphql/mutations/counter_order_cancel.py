"""``counterOrderCancel``: a sale that nobody has paid."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.cancelling import cancel_sale
from ..types import CounterErrorType, CounterSaleType, errors_of, sale_key, seller


class CounterOrderCancel(graphene.Mutation):
    """Cancel a sale that is not paid; its stock is free. Repeating it changes nothing."""

    sale = graphene.Field(CounterSaleType, description="柜台销售")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        sale_id = graphene.ID(required=True, description="销售编号")
        reason = graphene.String(description="原因")

    class Meta:
        description = "取消未收款的销售并释放库存；正在出示的收款码会先关闭。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, sale_id: str, reason: str = "") -> CounterOrderCancel:
        """Errors come back in ``errors``."""
        try:
            sale = cancel_sale(seller(info), sale_key(sale_id), reason.strip()[:100])
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(sale=sale, errors=[])
