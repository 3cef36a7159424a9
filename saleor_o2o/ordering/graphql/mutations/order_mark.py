"""``orderMark``: the staff's flag and remark on orders."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.marking import mark_orders
from ..gates import orders_for
from ..types import OrderFlagEnum, OrderingErrorType, error_of


class OrderMark(graphene.Mutation):
    """Set flag and remark of orders; what is left out stays as it is."""

    changed = graphene.Int(required=True, description="改动的订单数")
    errors = graphene.List(graphene.NonNull(OrderingErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        ids = graphene.List(graphene.NonNull(graphene.ID), required=True, description="订单，一次最多 200 张")
        flag = graphene.Argument(OrderFlagEnum, description="标记；与 clearFlag 都不传则不变")
        clear_flag = graphene.Boolean(description="取消标记")
        remark = graphene.String(description="备注，最多 500 字；传空字符串清空，不传则不变")

    class Meta:
        description = "给订单插旗、写备注（员工，按数据范围，需要修改订单的权限）。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, ids: list[str], flag: str | None = None, clear_flag: bool = False,
        remark: str | None = None,
    ) -> OrderMark:  # fmt: skip
        """All or nothing: an order out of reach refuses the whole."""
        try:
            keys = orders_for(info.context.user, ids, "order.edit")
            changed = mark_orders(keys, flag="" if clear_flag else flag, remark=remark)
        except DomainError as error:
            return cls(changed=0, errors=[error_of(error)])
        return cls(changed=changed, errors=[])
