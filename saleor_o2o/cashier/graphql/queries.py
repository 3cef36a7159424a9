"""Queries of the cashier."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row

from ..errors import CashierError
from ..models import PaymentIntent
from ..selectors import intent_for_staff, intent_of_order_token
from .desk_types import CashierType, StaffCashierType, Till, clerk, shopper
from .types import PaymentIntentType, order_key, staff_user


class CashierQueries(graphene.ObjectType):
    """What a payer's page and the staff ask."""

    payment_intent = graphene.Field(
        PaymentIntentType,
        order_token=graphene.Argument(
            graphene.String, required=True, description="订单令牌（orderByToken 所用）"
        ),
        description="订单的支付单；没有则为空。",
    )

    cashier = graphene.Field(
        CashierType,
        order_token=graphene.Argument(graphene.String, required=True, description="订单令牌"),
        description="收银台：应付、可用的支付方式及不可用的原因、已选的组合；没有支付单则为空。",
    )
    order_cashier = graphene.Field(
        StaffCashierType,
        id=graphene.Argument(graphene.ID, required=True, description="订单 ID"),
        description="员工看的收银台：另有只限员工的方式和退款预览；不在数据范围内为空。",
    )

    @staticmethod
    def resolve_cashier(_root: Any, info: Any, order_token: str) -> Till | None:
        """By the order's token, or null."""
        try:
            return Till(intent_of_order_token(order_token), shopper(info))
        except CashierError:
            return None

    @staticmethod
    def resolve_order_cashier(_root: Any, info: Any, id: str) -> Till | None:
        """Within the caller's reach and with sight of money, or null."""
        try:
            user = staff_user(info)
            intent = intent_for_staff(user, order_key(id))
            get_row(user, PaymentIntent, pk=intent.pk)
        except DomainError:
            return None
        return Till(intent, clerk(info))

    @staticmethod
    def resolve_payment_intent(_root: Any, _info: Any, order_token: str) -> PaymentIntent | None:
        """The order's intent, or null: out of sight is not found."""
        try:
            return intent_of_order_token(order_token)
        except CashierError:
            return None
