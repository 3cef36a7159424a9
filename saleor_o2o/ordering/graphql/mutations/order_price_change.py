"""``orderPriceChange``: another price for an order that waits for its money."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal
from saleor.graphql.core.utils import from_global_id_strict_type

from saleor_o2o.kernel.errors import DomainError

from ...models import OrderProfile
from ...services.pricing import NewPrice, change_price
from ..gates import orders_for
from ..types import OrderingErrorType, error_of


class OrderPriceLineInput(graphene.InputObjectType):
    """A new unit price of a line."""

    line = graphene.ID(required=True, description="订单行（OrderLine）")
    unit_price = Decimal(required=True, description="新的单价（元）")


class OrderPriceChange(graphene.Mutation):
    """Change unit prices and freight of an unpaid order, within one's limit for discounts."""

    number = graphene.String(description="订单号")
    total = graphene.Field(Decimal, description="新的订单金额（元）")
    errors = graphene.List(graphene.NonNull(OrderingErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        id = graphene.ID(required=True, description="订单")
        lines = graphene.List(graphene.NonNull(OrderPriceLineInput), description="改价的订单行")
        shipping = Decimal(description="新的运费（元）")
        reason = graphene.String(required=True, description="原因，记入时间线和审计")
        seen = Decimal(description="页面上的订单金额（元）；期间被别人改过则拒绝")

    class Meta:
        description = "修改未付款订单的单价和运费（员工，按数据范围，受优惠额度限制）。原来的付款码随之失效。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, id: str, reason: str, lines: Any = None, shipping: Any = None,
        seen: Any = None,
    ) -> OrderPriceChange:  # fmt: skip
        """Errors come back in ``errors``; then nothing has changed."""
        user = info.context.user
        try:
            [key] = orders_for(user, [id], "order.price")
            units = {
                int(from_global_id_strict_type(one.line, "OrderLine", field="lines")): one.unit_price
                for one in lines or ()
            }
            profile: OrderProfile = change_price(user, key, NewPrice(reason, units, shipping, seen))
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(number=profile.number, total=profile.total, errors=[])
