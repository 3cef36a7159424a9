"""Reads of the cashier."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from saleor.order.models import Order

from saleor_o2o.kernel.scope import OutOfScope, get_row

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


#: Who may take a customer's payment.
COLLECT = "order.create"


def intent_for_staff(user: Any, order_pk: int) -> PaymentIntent:
    """The newest intent of an order in reach of a member of the staff. Raises OutOfScope, also where there is none."""
    order = get_row(user, Order, pk=order_pk)
    intent = PaymentIntent.objects.filter(order=order).select_related("order").order_by("-pk").first()
    if intent is None:
        raise OutOfScope
    return intent
