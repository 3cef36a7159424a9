"""``ticketHoldToCheckout``: a hold's tickets become lines of a stock checkout."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene
from django.utils.translation import gettext as _
from graphql_relay import from_global_id
from saleor.graphql.checkout.types import Checkout

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.ordering.interfaces import put_into_checkout

from ....errors import TicketError, TicketErrorCode
from ..types import errors_field, errors_of


class TicketHoldToCheckout(graphene.Mutation):
    """At the held price; the order that comes of it has to be paid before the hold ends."""

    checkout = graphene.Field(Checkout, description="购物车")
    errors = errors_field()

    class Arguments:
        checkout_id = graphene.ID(required=True, description="购物车编号（Checkout）")
        number = graphene.String(required=True, description="票务订单号")
        key = graphene.String(description="占座时的请求号（未登录时占的座）")

    class Meta:
        description = "把已占座的票加入购物车：按占座时的价格，须整单购买。重复提交结果相同。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, checkout_id: str, number: str, key: str = ""
    ) -> TicketHoldToCheckout:
        """Into one's own checkout or a guest's. Errors come back in ``errors``."""
        context = info.context
        try:
            checkout = put_into_checkout(
                _token(checkout_id), number, key or "", context.user, context.discounts
            )
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(checkout=checkout, errors=[])


def _token(checkout_id: str) -> UUID:
    try:
        kind, token = from_global_id(checkout_id)
        if kind != "Checkout":
            raise ValueError(kind)
        return UUID(token)
    except (ValueError, TypeError, UnicodeDecodeError) as error:
        raise TicketError(
            TicketErrorCode.NOT_FOUND, _("没有这个购物车"), "checkoutId", _("请刷新购物车后重试")
        ) from error
