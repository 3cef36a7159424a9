"""Cancelling an order that is not paid: its payment is closed at the provider first, then the stock is free."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from saleor.order import OrderStatus
from saleor.order.actions import cancel_order
from saleor.order.models import Order

from saleor_o2o.cashier.interfaces import cancel_intent, live_intent
from saleor_o2o.kernel.locks import lock_rows

from ..choices import CancelReason, State
from ..error_codes import OrderingErrorCode as Code
from ..errors import OrderingError
from ..models import OrderProfile
from .syncing import money_of, set_reason

#: How the cashier notes who closed the payment.
BY_BUYER, BY_STAFF = "BUYER_CANCELLED", "STAFF_CANCELLED"


def cancel_unpaid(order_id: int, reason: CancelReason, user: Any = None) -> None:
    """Cancel an order before its money has come; again: nothing.

    Calls the provider where a payment is open: no transaction may be open. Locks: intent, order, Saleor payment,
    sub-orders (in the cashier's transaction), or the order. Raises OrderingError: NOT_CANCELLABLE (paid, sent or
    ended), ALREADY_PAID (the payer was quicker), CANCEL_UNDER_WAY (the provider does not answer: the sweep goes on).
    """
    profile = OrderProfile.objects.filter(pk=order_id).first()
    if profile is None:
        raise OrderingError(Code.NOT_CANCELLABLE)
    if profile.state == State.CLOSED:
        return
    if profile.state != State.PENDING_PAYMENT:
        raise OrderingError(Code.NOT_CANCELLABLE)
    intent = live_intent(order_id)
    if intent is None:
        _cancel_now(order_id, reason, user)
        return
    set_reason(order_id, reason)
    outcome = cancel_intent(intent, BY_BUYER if reason == CancelReason.BUYER else BY_STAFF)
    if outcome == "paid":
        OrderProfile.objects.filter(pk=order_id).exclude(state=State.CLOSED).update(cancel_reason="")
        raise OrderingError(Code.ALREADY_PAID)
    if outcome != "closed":
        raise OrderingError(Code.CANCEL_UNDER_WAY)


@transaction.atomic
def _cancel_now(order_id: int, reason: CancelReason, user: Any) -> None:
    order = lock_rows(Order.objects.filter(pk=order_id))[0]
    if order.status == OrderStatus.CANCELED:
        return
    money = money_of(order_id)
    if order.status != OrderStatus.UNFULFILLED or money.captured or money.refunded:
        raise OrderingError(Code.NOT_CANCELLABLE)
    set_reason(order_id, reason)
    cancel_order(order, user if getattr(user, "pk", None) else None)
