"""``orderRefundRequest``: money of an order goes back in exact shares."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.errors import DomainError

from ...services.staff_refunds import refund_by_staff
from ..desk_types import OrderRefundType
from ..types import CashierErrorType, error_of, order_key, staff_user


class OrderRefundRequest(graphene.Mutation):
    """Give money back over everything the order was paid with, once per key."""

    order_refund = graphene.Field(OrderRefundType, description="退款及各方式的份额")
    errors = graphene.List(graphene.NonNull(CashierErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        id = graphene.ID(required=True, description="订单 ID")
        amount = graphene.Argument(Decimal, required=True, description="退款金额（元）")
        reason = graphene.String(required=True, description="退款原因")
        key = graphene.String(required=True, description="请求号：同一请求号只退一次")

    class Meta:
        description = "退款：按各支付方式的余额分摊，精确到分；原路退回。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, amount: Any, reason: str, key: str) -> OrderRefundRequest:
        """Out of reach is not found. Errors come back in ``errors``; nothing is booked then."""
        try:
            done = refund_by_staff(staff_user(info), order_key(id), amount, reason=reason, key=key)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(order_refund=done, errors=[])
