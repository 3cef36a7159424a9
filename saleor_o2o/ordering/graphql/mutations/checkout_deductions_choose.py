"""``checkoutDeductionsChoose``: which coupons, how many points count for a checkout."""

from __future__ import annotations

from typing import Any

import graphene
from django.db import transaction

from saleor_o2o.kernel.errors import DomainError

from ...carts import checkout_with_lines
from ...deductions.choosing import choose
from ...error_codes import OrderingErrorCode as Code
from ...errors import OrderingError
from ...services.placement import CheckoutGone, lock_checkout
from ..deduction_types import DeductionChoiceInput
from ..deductions import CheckoutDeductionsType, checkout_told
from ..types import OrderingErrorType, error_of


class CheckoutDeductionsChoose(graphene.Mutation):
    """Choose what of one source counts for one's own checkout; what was chosen of it before counts no more."""

    deductions = graphene.Field(CheckoutDeductionsType, description="选择之后的抵扣明细")
    errors = graphene.List(graphene.NonNull(OrderingErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        token = graphene.Argument(graphene.UUID, required=True, description="购物车令牌")
        choice = graphene.Argument(DeductionChoiceInput, required=True, description="选择")

    class Meta:
        description = "为我的购物车选择优惠（优惠券、积分）；空的选择就是不用。只是选择，提交订单时才占用。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, token: Any, choice: Any) -> CheckoutDeductionsChoose:
        """Errors come back in ``errors``. Locks: the checkout."""
        user = info.context.user
        try:
            if not user.is_authenticated:
                raise OrderingError(Code.LOGIN_NEEDED)
            with transaction.atomic():
                checkout = lock_checkout(token)
                if checkout.user_id != user.pk:
                    raise OrderingError(Code.CHECKOUT_GONE, "token")
                choose(checkout, choice["source"], choice["values"])
        except CheckoutGone:
            return cls(errors=[error_of(OrderingError(Code.CHECKOUT_GONE, "token"))])
        except DomainError as error:
            return cls(errors=[error_of(error)])
        fresh = checkout_with_lines(token)
        if fresh is None:
            return cls(errors=[error_of(OrderingError(Code.CHECKOUT_GONE, "token"))])
        return cls(deductions=checkout_told(fresh, info.context.discounts), errors=[])
