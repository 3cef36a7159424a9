"""``checkoutShippingMethodUpdate``: stock's step on a checkout that is read once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from graphql_relay import to_global_id
from saleor.checkout.error_codes import CheckoutErrorCode
from saleor.checkout.models import Checkout
from saleor.checkout.utils import get_valid_shipping_methods_for_checkout, recalculate_checkout_discount
from saleor.graphql.checkout import mutations as stock
from saleor.graphql.core.types.common import CheckoutError
from saleor.graphql.shipping.types import ShippingMethod as ShippingMethodType
from saleor.shipping.models import ShippingMethod

from saleor_o2o.compat.checkouts import REUSE

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
        lines = list(checkout)
        discounts = info.context.discounts
        method = _applicable(checkout, lines, discounts, shipping_method_id)
        if method is None and not stock.clean_shipping_method(
            checkout,
            lines,
            method := cls.get_node_or_error(
                info,
                shipping_method_id,
                only_type=ShippingMethodType,
                field="shipping_method_id",
                qs=ShippingMethod.objects.select_related("shipping_zone"),
            ),
            discounts,
        ):
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


def _applicable(checkout: Checkout, lines: list[Any], discounts: Any, asked: str) -> ShippingMethod | None:
    """The method of a global id, if it is one of those that the checkout can have."""
    if checkout.shipping_address is None:
        return None
    checkout.__dict__[REUSE] = []
    methods = get_valid_shipping_methods_for_checkout(checkout, lines, discounts)
    return next((method for method in methods if to_global_id("ShippingMethod", method.pk) == asked), None)
