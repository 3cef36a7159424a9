"""``basketQuote``: what a basket costs, before anything is written."""

from __future__ import annotations

from typing import Any

import graphene
from prices import Money
from saleor.shipping.models import ShippingMethod

from saleor_o2o.kernel.errors import DomainError

from ..baskets import Reckoned, reckon
from ..choices import DeliveryMode
from .baskets import BasketErrorType, BasketInput, BasketLineType, BasketQuoteType, basket_of, error_of
from .deduction_types import told


class BasketQuoteAnswer(graphene.ObjectType):
    """The quote, or why there is none."""

    quote = graphene.Field(BasketQuoteType, description="报价")
    errors = graphene.List(graphene.NonNull(BasketErrorType), required=True, description="错误；成功时为空")


class BasketQueries(graphene.ObjectType):
    """Queries about baskets."""

    basket_quote = graphene.Field(
        BasketQuoteAnswer,
        input=graphene.Argument(BasketInput, required=True, description="购物车"),
        required=True,
        description="报价：商品金额、运费、优惠、应付，以及下单前还缺什么。不写入任何数据。",
    )

    @staticmethod
    def resolve_basket_quote(_root: Any, info: Any, input: Any) -> BasketQuoteAnswer:
        """Open to everybody, as the shop is; it tells nothing but prices of what is named."""
        try:
            found = reckon(basket_of(input, info), info.context.user, info.context.discounts)
        except DomainError as error:
            return BasketQuoteAnswer(errors=[error_of(error)])
        return BasketQuoteAnswer(quote=_told(found, info), errors=[])


def _told(found: Reckoned, info: Any) -> BasketQuoteType:
    price = info.context.plugins.calculate_checkout_line_total
    return BasketQuoteType(
        lines=[
            BasketLineType(
                variant=line.variant,
                quantity=line.quantity,
                total=price(line, info.context.discounts),
            )
            for line in found.lines
        ],
        shipping_methods=found.methods,
        pickup_methods=[
            graphene.Node.to_global_id("ShippingMethod", method.pk)
            for method in found.methods
            if _fetched(method)
        ],
        needs_address=found.needs_address,
        subtotal=found.subtotal,
        shipping=found.shipping,
        discount=found.checkout.discount + Money(found.deductions.total, found.checkout.currency),
        deductions=told(found.deductions, found.lines),
        total=found.total,
        errors=[error_of(refusal) for refusal in found.refusals],
    )


def _fetched(method: ShippingMethod) -> bool:
    """Whether goods are fetched at a branch: a method without a row delivers."""
    mode = getattr(method, "o2o_mode", None)
    return mode is not None and mode.mode == DeliveryMode.PICKUP
