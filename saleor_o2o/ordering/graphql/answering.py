"""What a step has read of a checkout serves its answer too."""

from __future__ import annotations

from typing import Any

from saleor.checkout.models import Checkout
from saleor.graphql.checkout.dataloaders import CheckoutLinesByCheckoutTokenLoader


def hand_on(info: Any, checkout: Checkout) -> Checkout:
    """Give the lines that were read with the checkout to the loader that totals and shipping methods ask."""
    lines = CheckoutLinesByCheckoutTokenLoader(info.context)
    lines.clear(checkout.token).prime(checkout.token, list(checkout.lines.all()))
    return checkout
