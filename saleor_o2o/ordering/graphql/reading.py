"""Finding the checkout of a step, as stock finds it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from saleor.checkout.error_codes import CheckoutErrorCode
from saleor.checkout.models import Checkout
from saleor.graphql.checkout.types import Checkout as CheckoutType
from saleor.graphql.core.utils import from_global_id_strict_type

from ..carts import checkout_with_lines


def read_checkout(checkout_id: Any) -> Checkout:
    """The checkout of a global id with all that a step looks at. Raises ValidationError NOT_FOUND."""
    pk = from_global_id_strict_type(checkout_id, only_type=CheckoutType, field="checkout_id")
    checkout = checkout_with_lines(pk)
    if checkout is None:
        raise ValidationError(
            {
                "checkout_id": ValidationError(
                    f"Couldn't resolve to a node: {checkout_id}", code=CheckoutErrorCode.NOT_FOUND
                )
            }
        )
    return checkout
