"""``ticketChangePay``: the order that pays what a guest's change costs more."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ....services.guest_paying import order_difference
from ....services.reach import typed
from ..types import errors_field, errors_of


class TicketChangePay(graphene.Mutation):
    """The same change again is the same order."""

    order_number = graphene.String(description="补差价的订单号")
    order_token = graphene.String(description="补差价订单的令牌，用于收银台")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="改签单号")
        token = graphene.String(required=True, description="原票务订单的凭据")

    class Meta:
        description = "未登录购票的改签补差价：按原订单的邮箱下单，接着到收银台付款。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, token: str) -> TicketChangePay:
        """Errors come back in ``errors``."""
        try:
            order = order_difference(number, typed(token, 64))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(order_number=order.o2o_profile.number, order_token=order.token, errors=[])
