"""``orderPaymentCompose``: the staff choose parts for a customer."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.order.models import Order

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import require

from ...selectors import COLLECT, intent_for_staff
from ...services.composing import compose
from ..desk_types import PaymentPartInput, StaffCashierType, Till, clerk, wishes_of
from ..types import CashierErrorType, error_of, order_key, staff_user


class OrderPaymentCompose(graphene.Mutation):
    """Cover an order by exactly these internal parts, cash and the like included."""

    cashier = graphene.Field(StaffCashierType, description="收银台；已全额覆盖时订单即已支付")
    errors = graphene.List(graphene.NonNull(CashierErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        id = graphene.ID(required=True, description="订单 ID")
        parts = graphene.List(
            graphene.NonNull(PaymentPartInput), required=True, description="全部内部支付方式；空列表：都不用"
        )

    class Meta:
        description = "员工为顾客选择内部支付方式。规则同 paymentCompose，另有只限员工的方式。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, parts: list[dict[str, Any]]) -> OrderPaymentCompose:
        """Out of reach is not found. Errors come back in ``errors``; nothing has been held or released then."""
        try:
            user = staff_user(info)
            intent = intent_for_staff(user, order_key(id))
            require(user, COLLECT, Order(pk=intent.order_id))
            payer = clerk(info)
            intent = compose(intent, wishes_of(parts), payer)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(cashier=Till(intent, payer), errors=[])
