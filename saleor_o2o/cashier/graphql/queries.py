"""Queries of the cashier."""

from __future__ import annotations

from typing import Any

import graphene

from ..errors import CashierError
from ..models import PaymentIntent
from ..selectors import intent_of_order_token
from .types import PaymentIntentType


class CashierQueries(graphene.ObjectType):
    """What a payer's page asks."""

    payment_intent = graphene.Field(
        PaymentIntentType,
        order_token=graphene.Argument(
            graphene.String, required=True, description="订单令牌（orderByToken 所用）"
        ),
        description="订单的支付单；没有则为空。",
    )

    @staticmethod
    def resolve_payment_intent(_root: Any, _info: Any, order_token: str) -> PaymentIntent | None:
        """The order's intent, or null: out of sight is not found."""
        try:
            return intent_of_order_token(order_token)
        except CashierError:
            return None
