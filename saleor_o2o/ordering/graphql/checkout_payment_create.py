"""``checkoutPaymentCreate``: the newest choice of payment counts, with the total of now."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from saleor.graphql.checkout.types import Checkout as CheckoutType
from saleor.graphql.core.types.common import PaymentError
from saleor.graphql.core.utils import from_global_id_strict_type
from saleor.graphql.payment.mutations import CheckoutPaymentCreate as StockCheckoutPaymentCreate
from saleor.payment import ChargeStatus
from saleor.payment.models import Payment


class CheckoutPaymentCreate(StockCheckoutPaymentCreate):
    """Stock's mutation, without its habit of handing out an earlier payment that has an outdated total."""

    class Meta:
        description = "Create a new payment for given checkout."
        error_type_class = PaymentError
        error_type_field = "payment_errors"

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, checkout_id: str, **data: Any) -> Any:
        """Retire the checkout's untouched payments, then create. A refusal leaves the earlier ones as they were."""
        pk = from_global_id_strict_type(checkout_id, only_type=CheckoutType, field="checkout_id")
        with transaction.atomic():
            Payment.objects.filter(
                checkout_id=pk,
                is_active=True,
                order__isnull=True,
                charge_status=ChargeStatus.NOT_CHARGED,
                transactions__isnull=True,
            ).update(is_active=False)
            return super().perform_mutation(_root, info, checkout_id, **data)
