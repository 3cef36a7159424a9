"""``myOrderReceive``: the buyer has the goods."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope

from ...services.receiving import receive
from ...shopping import one
from ..types import MyOrderType, OrderingErrorType, error_of


class MyOrderReceive(graphene.Mutation):
    """Confirm that a part, or all that was sent, has arrived. Again: nothing."""

    order = graphene.Field(MyOrderType, description="订单")
    errors = graphene.List(graphene.NonNull(OrderingErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        number = graphene.String(required=True, description="订单号")
        sub_order = graphene.ID(description="子订单编号；不传则为全部已发货的")
        token = graphene.String(description="订单令牌（未登录下单的顾客）")

    class Meta:
        description = "确认收货。只有全部发出的子订单可以确认。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, number: str, sub_order: str | None = None, token: str = ""
    ) -> MyOrderReceive:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            found = one(user, number, token or "")
            own = {str(part.row.pk): part.row.pk for part in found.parts}
            if sub_order is not None and sub_order not in own:
                raise OutOfScope
            receive(found.profile.pk, [own[sub_order]] if sub_order is not None else None, source="商城")
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(order=one(user, number, token or ""), errors=[])
