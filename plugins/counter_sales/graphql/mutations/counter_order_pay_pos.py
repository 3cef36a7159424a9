"""``counterOrderPayPos``: a card at the counter's terminal."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.errors import DomainError

from ...services.pos import pay_pos, read_slip
from ..types import CounterErrorType, CounterSaleType, errors_of, sale_key, seller


class CounterOrderPayPos(graphene.Mutation):
    """Book a card payment. Repeating it with the same slip answers with the same sale."""

    sale = graphene.Field(CounterSaleType, description="柜台销售")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        sale_id = graphene.ID(required=True, description="销售编号")
        amount = graphene.Argument(Decimal, required=True, description="签购单金额（元），须等于应收")
        terminal = graphene.String(required=True, description="终端号")
        slip = graphene.String(required=True, description="签购单凭证号；同一终端同一天不重复")

    class Meta:
        description = "登记刷卡：POS 机刷卡成功后按签购单登记，不占备付金。须先开班（机构规则要求时）。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, sale_id: str, amount: Any, terminal: str, slip: str
    ) -> CounterOrderPayPos:
        """Errors come back in ``errors``; nothing is booked then."""
        try:
            user = seller(info)
            receipt = pay_pos(user, sale_key(sale_id), amount, read_slip(terminal[:40], slip[:40]))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(sale=receipt.sale, errors=[])
