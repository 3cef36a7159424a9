"""``orderPlace``: a basket becomes a payable order in one request."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.core.utils import get_client_ip
from saleor.graphql.core.scalars import Decimal
from saleor.graphql.order.types import Order

from saleor_o2o.kernel.errors import DomainError

from ..selectors import profile_of
from ..services.basket_placing import place_basket
from .baskets import BasketErrorType, BasketInput, basket_of, error_of


class OrderPlace(graphene.Mutation):
    """Place a basket. The same key again answers with the same order; nothing is charged by this call."""

    order = graphene.Field(Order, description="订单，待付款")
    number = graphene.String(description="订单号：按它查询、付款、念给客服听")
    errors = graphene.List(graphene.NonNull(BasketErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        key = graphene.String(required=True, description="请求号，由客户端生成；同一请求号只下一张订单")
        input = graphene.Argument(BasketInput, required=True, description="购物车")
        gateway = graphene.String(required=True, description="支付渠道（先下单后付款的渠道）")
        expected_total = Decimal(description="顾客看到的应付金额（元）；金额已变化时不下单")
        redirect_url = graphene.String(description="订单页地址，用于通知")

    class Meta:
        description = "一次请求下单：商品、地址、配送、优惠一并提交，得到待付款的订单。"

    def resolve_number(self, _info: Any) -> str | None:
        """The number of `myOrder`; read only where it is asked for."""
        profile = profile_of(self.order.pk) if self.order is not None else None
        return profile.number if profile is not None else None

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        key: str,
        input: Any,
        gateway: str,
        expected_total: Any = None,
        redirect_url: str = "",
    ) -> OrderPlace:
        """Open to everybody, as stock's checkout is. Errors come back in ``errors``."""
        context = info.context
        try:
            order = place_basket(
                key,
                basket_of(input, info),
                user=context.user,
                discounts=context.discounts,
                gateway=gateway,
                expected_total=expected_total,
                client=context.META.get("HTTP_USER_AGENT", ""),
                client_ip=get_client_ip(context) or "",
                redirect_url=redirect_url or "",
            )
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(order=order, errors=[])
