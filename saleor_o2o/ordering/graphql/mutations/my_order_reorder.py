"""``myOrderReorder``: the same again."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.checkout.types import Checkout

from saleor_o2o.kernel.errors import DomainError

from ...services.repeating import reorder
from ...shopping import one
from ..types import OrderingErrorType, ReorderChangeType, error_of


class MyOrderReorder(graphene.Mutation):
    """Put the lines of an old order into a new cart; the client goes on with stock's checkout."""

    checkout = graphene.Field(Checkout, description="新的购物车")
    changes = graphene.List(
        graphene.NonNull(ReorderChangeType), required=True, description="买不到、不够或价格变了的商品"
    )
    errors = graphene.List(graphene.NonNull(OrderingErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        number = graphene.String(required=True, description="订单号")

    class Meta:
        description = "再来一单：把旧订单的商品放进新的购物车，并说明哪些买不到、不够或变了价。需要登录。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str) -> MyOrderReorder:
        """Errors come back in ``errors``; an order of somebody else's is not found."""
        user = info.context.user
        try:
            found = one(user, number)
            again = reorder(found.profile.order, user, info.context.discounts)
        except DomainError as error:
            return cls(changes=[], errors=[error_of(error)])
        return cls(checkout=again.checkout, changes=again.changes, errors=[])
