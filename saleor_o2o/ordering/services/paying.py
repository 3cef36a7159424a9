"""The payment of a checkout or an order that has none yet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.payment import PaymentError
from saleor.payment.error_codes import PaymentErrorCode
from saleor.payment.models import Payment


def new_payment(
    gateway: str,
    total: Decimal,
    currency: str,
    email: str,
    customer_ip_address: str | None = "",
    payment_token: str = "",
    extra_data: dict[str, Any] | None = None,
    checkout: Checkout | None = None,
    order: Order | None = None,
) -> Payment:
    """Stock's ``create_payment`` where the caller knows that there is no payment to be found again; one statement.

    ``total`` in yuan. Takes ``checkout`` or ``order``; an order of what is delivered by itself may have no address, a
    checkout must. Raises PaymentError BILLING_ADDRESS_NOT_SET.
    """
    owner = checkout or order
    if owner is None:
        raise TypeError("a payment belongs to a checkout or an order")
    address = owner.billing_address
    if address is None and order is None:
        raise PaymentError(
            "Order does not have a billing address.", code=PaymentErrorCode.BILLING_ADDRESS_NOT_SET.value
        )
    billing = {}
    if address is not None:
        billing = {
            "billing_first_name": address.first_name, "billing_last_name": address.last_name,
            "billing_company_name": address.company_name, "billing_address_1": address.street_address_1,
            "billing_address_2": address.street_address_2, "billing_city": address.city,
            "billing_postal_code": address.postal_code, "billing_country_code": address.country.code,
            "billing_country_area": address.country_area,
        }  # fmt: skip
    return Payment.objects.create(
        is_active=True,
        checkout=checkout,
        order=order,
        gateway=gateway,
        token=payment_token,
        total=total,
        currency=currency,
        extra_data=extra_data or {},
        customer_ip_address=customer_ip_address,
        billing_email=email,
        **billing,
    )
