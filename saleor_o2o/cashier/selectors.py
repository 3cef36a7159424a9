"""Reads of the cashier."""

from __future__ import annotations

from uuid import UUID

from .error_codes import CashierErrorCode
from .errors import CashierError
from .models import PaymentIntent


def intent_of_order_token(token: str) -> PaymentIntent:
    """The newest intent of the order with this (unguessable) token. Raises CashierError NOT_FOUND.

    The token is what stock Saleor's public ``orderByToken`` goes by; whoever has it may pay the order.
    """
    try:
        token = str(UUID(token))
    except ValueError:
        raise CashierError(CashierErrorCode.NOT_FOUND, field="orderToken") from None
    intent = PaymentIntent.objects.filter(order__token=token).select_related("order").order_by("-pk").first()
    if intent is None:
        raise CashierError(CashierErrorCode.NOT_FOUND, field="orderToken")
    return intent
