"""``myOrderCancel``: the buyer changes his mind before paying."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...choices import CancelReason
from ...services.cancelling import cancel_unpaid
from ...shopping import one
from ..types import MyOrderType, OrderingErrorType, error_of


class MyOrderCancel(graphene.Mutation):
    """Cancel an unpaid order; its payment is closed at the provider first. Again: nothing."""

    order = graphene.Field(MyOrderType, description="订单")
    errors = graphene.List(graphene.NonNull(OrderingErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        number = graphene.String(required=True, description="订单号")
        token = graphene.String(description="订单令牌（未登录下单的顾客）")

    class Meta:
        description = "取消我的一张未付款订单。已付款的请申请退款。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, token: str = "") -> MyOrderCancel:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            found = one(user, number, token or "")
            cancel_unpaid(found.profile.pk, CancelReason.BUYER, user)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(order=one(user, number, token or ""), errors=[])
