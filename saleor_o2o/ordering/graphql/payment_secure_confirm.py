"""``paymentSecureConfirm``: no charge without an order."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from saleor.graphql.core.types.common import PaymentError
from saleor.graphql.payment.mutations import PaymentSecureConfirm as StockPaymentSecureConfirm
from saleor.graphql.payment.types import Payment as PaymentType
from saleor.payment.error_codes import PaymentErrorCode


class PaymentSecureConfirm(StockPaymentSecureConfirm):
    """Stock's mutation for payments of an order; a cart's payment is confirmed by completing the checkout again."""

    class Meta:
        description = "Confirms payment in a two-step process like 3D secure"
        error_type_class = PaymentError
        error_type_field = "payment_errors"

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, payment_id: str) -> Any:
        """Refuse a payment that has no order yet: its stock is not allocated, so it must not be charged."""
        payment = cls.get_node_or_error(info, payment_id, field="payment_id", only_type=PaymentType)
        if payment is not None and payment.order_id is None:
            raise ValidationError(
                {
                    "payment_id": ValidationError(
                        "请再次提交订单（checkoutComplete）以确认付款", code=PaymentErrorCode.PAYMENT_ERROR
                    )
                }
            )
        return super().perform_mutation(_root, info, payment_id)
