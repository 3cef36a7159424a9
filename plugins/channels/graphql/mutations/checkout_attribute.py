"""``checkoutAttribute``: the checkout was filled in a shop."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene
from django.utils.translation import gettext as _
from graphql_relay import from_global_id
from saleor.graphql.checkout.types import Checkout as CheckoutType

from saleor_o2o.kernel.errors import DomainError

from ...errors import ChannelError, ChannelErrorCode
from ...services.checkouts import attribute_checkout
from ..types import ShopType, error_of, errors_field


class CheckoutAttribute(graphene.Mutation):
    """Note the shop on a checkout: its prices count, and the order will be the shop's. An empty code takes it away."""

    checkout = graphene.Field(CheckoutType, description="购物车，金额已按店铺售价计算")
    shop = graphene.Field(ShopType, description="店铺")
    errors = errors_field()

    class Arguments:
        checkout_id = graphene.ID(required=True, description="购物车编号")
        shop_code = graphene.String(required=True, description="店铺码；空字符串表示取消")

    class Meta:
        description = "把购物车记在一个店铺名下：按店铺售价计价，订单归属该店铺。"

    @classmethod
    def mutate(cls, _root: Any, _info: Any, checkout_id: str, shop_code: str) -> CheckoutAttribute:
        """Open to whoever knows the checkout, as stock's mutations are."""
        try:
            checkout, channel = attribute_checkout(token_of(checkout_id), shop_code)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(checkout=checkout, shop=getattr(channel, "shop", None), errors=[])


def token_of(checkout_id: str) -> UUID:
    """The token inside a global ID. Raises ChannelError NOT_FOUND for anything else."""
    try:
        kind, token = from_global_id(checkout_id)
        if kind != "Checkout":
            raise ValueError(kind)
        return UUID(token)
    except (ValueError, TypeError) as error:
        raise ChannelError(ChannelErrorCode.NOT_FOUND, _("购物车不存在"), "checkout_id") from error
