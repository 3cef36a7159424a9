"""``paymentCompose``: the payer chooses cards, points … for a part of the order."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...selectors import intent_of_order_token
from ...services.composing import compose
from ..desk_types import CashierType, PaymentPartInput, Till, shopper, wishes_of
from ..types import CashierErrorType, error_of


class PaymentCompose(graphene.Mutation):
    """Cover an order by exactly these internal parts. Asking again is harmless."""

    cashier = graphene.Field(CashierType, description="收银台；已全额覆盖时订单即已支付")
    errors = graphene.List(graphene.NonNull(CashierErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        order_token = graphene.String(required=True, description="订单令牌")
        parts = graphene.List(
            graphene.NonNull(PaymentPartInput), required=True, description="全部内部支付方式；空列表：都不用"
        )

    class Meta:
        description = (
            "选择内部支付方式（储值卡、积分……）。提交的是完整的组合：未列出的会释放。正在展示的收款码会先关闭；"
            "余下的金额用 paymentStart 支付，没有余额时立即完成支付。"
        )

    @classmethod
    def mutate(cls, _root: Any, info: Any, order_token: str, parts: list[dict[str, Any]]) -> PaymentCompose:
        """Errors come back in ``errors``; nothing has been held or released then."""
        try:
            intent = intent_of_order_token(order_token)
            payer = shopper(info)
            intent = compose(intent, wishes_of(parts), payer)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(cashier=Till(intent, payer), errors=[])
