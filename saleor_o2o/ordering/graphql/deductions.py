"""Deductions in the API: what lowers a checkout now, what lowered an order."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.checkout.models import Checkout
from saleor.graphql.core.scalars import Decimal
from saleor.graphql.core.utils import from_global_id_strict_type
from saleor.order.models import Order

from saleor_o2o.kernel.scope import OutOfScope, get_row

from ..carts import checkout_with_lines
from ..deductions.keeping import kept_of
from ..deductions.reckoning import deductions_of
from .deduction_types import DeductionType, told, told_of_order
from .types import OrderingErrorType, error_of


class CheckoutDeductionsType(graphene.ObjectType):
    """What lowers a checkout now. A figure for showing: placing reckons anew."""

    deductions = graphene.List(graphene.NonNull(DeductionType), required=True, description="抵扣明细")
    total = graphene.Field(Decimal, required=True, description="抵扣合计（元）")
    refusals = graphene.List(
        graphene.NonNull(OrderingErrorType),
        required=True,
        description="选了但现在不能用的，下单前须移除或更换",
    )

    class Meta:
        name = "CheckoutDeductions"


def checkout_told(checkout: Checkout, discounts: Any) -> CheckoutDeductionsType:
    """All of a checkout's deductions."""
    lines = list(checkout)
    found = deductions_of(checkout, lines, discounts)
    return CheckoutDeductionsType(
        deductions=told(found, lines), total=found.total, refusals=[error_of(one) for one in found.refusals]
    )


class DeductionQueries(graphene.ObjectType):
    """What lowers a checkout, what lowered an order."""

    checkout_deductions = graphene.Field(
        CheckoutDeductionsType,
        token=graphene.Argument(graphene.UUID, required=True, description="购物车令牌"),
        description="购物车的抵扣明细；不是自己的购物车则为空。",
    )
    order_deductions = graphene.List(
        graphene.NonNull(DeductionType),
        id=graphene.Argument(graphene.ID, required=True, description="订单"),
        description="订单的抵扣明细：顾客看自己订单的，员工按数据范围；看不到则为空。",
    )

    @staticmethod
    def resolve_checkout_deductions(_root: Any, info: Any, token: Any) -> CheckoutDeductionsType | None:
        """The owner's own; a guest's by its token, as stock's checkout is."""
        checkout = checkout_with_lines(token)
        if checkout is None or checkout.user_id not in (None, info.context.user.pk):
            return None
        return checkout_told(checkout, info.context.discounts)

    @staticmethod
    def resolve_order_deductions(_root: Any, info: Any, id: str) -> list[DeductionType] | None:
        pk = int(from_global_id_strict_type(id, "Order", field="id"))
        user = info.context.user
        own = user.is_authenticated and Order.objects.filter(pk=pk, user_id=user.pk).exists()
        if not own:
            try:
                get_row(user, Order, pk=pk)
            except OutOfScope:
                return None
        return told_of_order(kept_of([pk]).get(pk, []))
