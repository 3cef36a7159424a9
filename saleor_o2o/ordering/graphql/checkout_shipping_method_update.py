"""``checkoutShippingMethodUpdate``: stock's step on a checkout that is read once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from saleor.checkout.error_codes import CheckoutErrorCode
from saleor.checkout.utils import recalculate_checkout_discount
from saleor.graphql.checkout import mutations as stock
from saleor.graphql.core.types.common import CheckoutError
from saleor.graphql.shipping.types import ShippingMethod as ShippingMethodType
from saleor.shipping.models import ShippingMethod

from .answering import hand_on
from .reading import read_checkout


class CheckoutShippingMethodUpdate(stock.CheckoutShippingMethodUpdate):
    """Stock's mutation, in the same words."""

    class Meta:
        description = stock.CheckoutShippingMethodUpdate._meta.description
        error_type_class = CheckoutError
        error_type_field = "checkout_errors"

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, checkout_id: str, shipping_method_id: str) -> Any:
        """Raises ValidationError: NOT_FOUND, SHIPPING_NOT_REQUIRED, SHIPPING_METHOD_NOT_APPLICABLE and others."""
        checkout = read_checkout(checkout_id)
        if not checkout.is_shipping_required():
            raise ValidationError(
                {
                    "shipping_method": ValidationError(
                        stock.ERROR_DOES_NOT_SHIP, code=CheckoutErrorCode.SHIPPING_NOT_REQUIRED
                    )
                }
            )
        method = cls.get_node_or_error(
            info,
            shipping_method_id,
            only_type=ShippingMethodType,
            field="shipping_method_id",
            qs=ShippingMethod.objects.select_related("shipping_zone"),
        )
        lines = list(checkout)
        discounts = info.context.discounts
        if not stock.clean_shipping_method(checkout, lines, method, discounts):
            raise ValidationError(
                {
                    "shipping_method": ValidationError(
                        "This shipping method is not applicable.",
                        code=CheckoutErrorCode.SHIPPING_METHOD_NOT_APPLICABLE,
                    )
                }
            )
        checkout.shipping_method = method
        checkout.save(update_fields=["shipping_method", "last_change"])
        recalculate_checkout_discount(checkout, lines, discounts)
        return cls(checkout=hand_on(info, checkout))
