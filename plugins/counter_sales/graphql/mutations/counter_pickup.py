"""``counterPickup``: the goods against the code on the slip."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services import pickup
from ..inputs import CounterHandInput, quantities_of
from ..types import CounterErrorType, CounterSaleType, errors_of, seller


class CounterPickup(graphene.Mutation):
    """Look a code up, and hand the goods over if so asked."""

    sale = graphene.Field(CounterSaleType, description="柜台销售")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        code = graphene.String(required=True, description="取货码")
        hand_over = graphene.Boolean(description="是否交付；否则只查询", default_value=False)
        lines = graphene.List(
            graphene.NonNull(CounterHandInput), description="只交付这些商品；空为交付剩下的全部"
        )
        seen = graphene.Int(description="此前看到的已交付件数；与现在不符则不交付（防止重复点击）")

    class Meta:
        description = "取货核销：凭取货码查询，或交付商品：一次全部，或分次交付（每件仅一次）。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        code: str,
        hand_over: bool = False,
        lines: list[dict[str, Any]] | None = None,
        seen: int | None = None,
    ) -> CounterPickup:
        """Errors come back in ``errors``; a code out of reach does not exist."""
        try:
            user = seller(info)
            sale = pickup.sale_by_code(user, code)
            if hand_over:
                sale = pickup.hand_over(user, sale.pk, quantities_of(lines), seen=seen)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(sale=sale, errors=[])
