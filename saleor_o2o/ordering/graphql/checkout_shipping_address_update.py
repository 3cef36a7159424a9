"""``checkoutShippingAddressUpdate``: stock's step on a checkout that is read once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.checkout.error_codes import CheckoutErrorCode
from saleor.checkout.utils import change_shipping_address_in_checkout, recalculate_checkout_discount
from saleor.graphql.checkout import mutations as stock
from saleor.graphql.core.types.common import CheckoutError

from .answering import hand_on
from .reading import read_checkout


class CheckoutShippingAddressUpdate(stock.CheckoutShippingAddressUpdate):
    """Stock's mutation, in the same words."""

    class Meta:
        description = stock.CheckoutShippingAddressUpdate._meta.description
        error_type_class = CheckoutError
        error_type_field = "checkout_errors"

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, checkout_id: str, shipping_address: Any) -> Any:
        """Raises ValidationError: NOT_FOUND, SHIPPING_NOT_REQUIRED, and what is wrong with the address."""
        checkout = read_checkout(checkout_id)
        if not checkout.is_shipping_required():
            raise ValidationError(
                {
                    "shipping_address": ValidationError(
                        stock.ERROR_DOES_NOT_SHIP, code=CheckoutErrorCode.SHIPPING_NOT_REQUIRED
                    )
                }
            )
        address = cls.validate_address(shipping_address, instance=checkout.shipping_address, info=info)
        lines = list(checkout)
        discounts = info.context.discounts
        stock.update_checkout_shipping_method_if_invalid(checkout, lines, discounts)
        with transaction.atomic():
            address.save()
            change_shipping_address_in_checkout(checkout, address)
        recalculate_checkout_discount(checkout, lines, discounts)
        return cls(checkout=hand_on(info, checkout))
