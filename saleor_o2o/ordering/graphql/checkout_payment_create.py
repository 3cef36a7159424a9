"""``checkoutPaymentCreate``: the newest choice of payment counts, with the total of now."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.checkout.models import Checkout
from saleor.core.utils import get_client_ip
from saleor.graphql.checkout.types import Checkout as CheckoutType
from saleor.graphql.checkout.utils import clean_billing_address, clean_checkout_shipping
from saleor.graphql.core.types.common import PaymentError
from saleor.graphql.core.utils import from_global_id_strict_type
from saleor.graphql.payment.mutations import CheckoutPaymentCreate as StockCheckoutPaymentCreate
from saleor.payment import ChargeStatus
from saleor.payment.error_codes import PaymentErrorCode
from saleor.payment.models import Payment
from saleor.payment.utils import create_payment

from ..carts import checkout_with_lines
from ..services.paying import new_payment


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
        checkout = checkout_with_lines(pk)
        if checkout is None:
            raise ValidationError(
                {
                    "checkout_id": ValidationError(
                        f"Couldn't resolve to a node: {checkout_id}", code=PaymentErrorCode.NOT_FOUND
                    )
                }
            )
        given = data["input"]
        total = cls.calculate_total(info, checkout)
        amount = given.get("amount", total.gross.amount)
        clean_checkout_shipping(checkout, list(checkout), info.context.discounts, PaymentErrorCode)
        clean_billing_address(checkout, PaymentErrorCode)
        cls.clean_payment_amount(info, total, amount)
        wanted = {
            "gateway": given["gateway"],
            "payment_token": given["token"],
            "total": amount,
            "currency": settings.DEFAULT_CURRENCY,
            "email": checkout.email,
            "extra_data": {"customer_user_agent": info.context.META.get("HTTP_USER_AGENT")},
            "customer_ip_address": get_client_ip(info.context),
            "checkout": checkout,
        }
        with transaction.atomic():
            if not Payment.objects.filter(checkout=checkout, is_active=True).exists():
                return cls(payment=new_payment(**wanted))
            _retire_untouched(checkout)
            return cls(payment=create_payment(**wanted))


def _retire_untouched(checkout: Checkout) -> None:
    Payment.objects.filter(
        checkout=checkout,
        is_active=True,
        order__isnull=True,
        charge_status=ChargeStatus.NOT_CHARGED,
        transactions__isnull=True,
    ).update(is_active=False)
