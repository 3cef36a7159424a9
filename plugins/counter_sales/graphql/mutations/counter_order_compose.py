"""``counterOrderCompose``: a sale is paid in several ways."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.cashier.interfaces import Wish
from saleor_o2o.kernel.errors import DomainError

from ...services.mixed import compose_sale
from ..types import CounterErrorType, CounterSaleType, errors_of, sale_key, seller


class CounterPartInput(graphene.InputObjectType):
    """One way, and how much of it."""

    method = graphene.String(
        required=True, description="gift_card 储值卡、cash 现金、pos 刷卡、transfer 转账……"
    )
    code = graphene.String(description="卡号；刷卡填 终端号/凭证号")
    amount = Decimal(description="金额（元）；不填：尽可能多")


class CounterOrderCompose(graphene.Mutation):
    """Cover a sale by exactly these parts; the code is for the rest. Repeating it changes nothing."""

    sale = graphene.Field(CounterSaleType, description="柜台销售；已收齐时为已收款")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        sale_id = graphene.ID(required=True, description="销售编号")
        parts = graphene.List(
            graphene.NonNull(CounterPartInput), required=True, description="全部内部方式；空列表：都不用"
        )

    class Meta:
        description = "组合收款：储值卡、现金、POS 各付一部分，余款用 counterOrderShowCode 扫码。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, sale_id: str, parts: list[dict[str, Any]]) -> CounterOrderCompose:
        """Errors come back in ``errors``; nothing is held then."""
        wishes = [
            Wish(str(one["method"])[:24], str(one.get("code") or "")[:64], one.get("amount")) for one in parts
        ]
        try:
            sale = compose_sale(seller(info), sale_key(sale_id), wishes)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(sale=sale, errors=[])
