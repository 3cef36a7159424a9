"""``checkoutBillingAddressUpdate``: stock's step on a checkout that is read once."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from saleor.checkout.utils import change_billing_address_in_checkout
from saleor.graphql.checkout import mutations as stock
from saleor.graphql.core.types.common import CheckoutError

from .answering import hand_on
from .reading import read_checkout


class CheckoutBillingAddressUpdate(stock.CheckoutBillingAddressUpdate):
    """Stock's mutation, in the same words."""

    class Meta:
        description = stock.CheckoutBillingAddressUpdate._meta.description
        error_type_class = CheckoutError
        error_type_field = "checkout_errors"

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, checkout_id: str, billing_address: Any) -> Any:
        """Raises ValidationError: NOT_FOUND, and what is wrong with the address."""
        checkout = read_checkout(checkout_id)
        address = cls.validate_address(billing_address, instance=checkout.billing_address, info=info)
        with transaction.atomic():
            address.save()
            change_billing_address_in_checkout(checkout, address)
        return cls(checkout=hand_on(info, checkout))
