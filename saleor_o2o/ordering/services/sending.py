"""Sending many orders at once: each in its own transaction, each with its own answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError

from ..choices import State
from ..error_codes import OrderingErrorCode as Code
from ..errors import OrderingError
from ..models import OrderProfile, SubOrder, SubOrderLine
from .fulfilling import FulfilmentRefused, fulfil_all, lock_for_fulfilment
from .marking import MOST


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one order; `problem` is empty where everything left."""

    order_id: int
    number: str
    problem: str = ""


def send_orders(order_ids: Sequence[int], user: Any) -> list[Sent]:
    """Send everything that is left of the orders; the caller has taken them through the scope.

    Locks, one order after the other: the order, its stock rows, its sub-orders. What cannot be sent says why and keeps
    none of the others. Raises OrderingError TOO_MANY.
    """
    if len(order_ids) > MOST:
        raise OrderingError(Code.TOO_MANY)
    numbers = dict(OrderProfile.objects.filter(pk__in=order_ids).values_list("pk", "number"))
    return [_send(key, numbers.get(key, f"#{key}"), user) for key in order_ids]


def _send(key: int, number: str, user: Any) -> Sent:
    try:
        with transaction.atomic():
            order = lock_for_fulfilment(key)
            if order is not None:
                fulfil_all(order, user, notify=True)
    except DomainError as refusal:
        return Sent(key, number, refusal.message)
    return Sent(key, number)


@transaction.atomic
def send_part(sub_order_id: int, user: Any) -> None:
    """Send what is left of one part, from its warehouse; the caller has taken it through a scope.

    Locks: the order, its stock rows, its sub-orders. Raises FulfilmentRefused (ORDER_NOT_PAID, NOTHING_TO_FULFIL,
    INSUFFICIENT_STOCK), LockTimeout.
    """
    part = SubOrder.objects.get(pk=sub_order_id)
    order = lock_for_fulfilment(part.order_id)
    lines = SubOrderLine.objects.filter(sub_order=part)
    left = {one.order_line_id: one.quantity - one.shipped - one.withdrawn for one in lines}
    if order is None or not any(quantity > 0 for quantity in left.values()):
        raise FulfilmentRefused(Code.NOTHING_TO_FULFIL, _("这部分商品已全部发出或已退款"), "order")
    only = {line: quantity for line, quantity in left.items() if quantity > 0}
    if not fulfil_all(order, user, notify=True, only=only, warehouse=part.warehouse_id):
        raise FulfilmentRefused(
            Code.INSUFFICIENT_STOCK, _("发货仓库里没有为这部分订单分配的货，请先核对库存"), "order"
        )


#: Parts that a picking list is for.
TO_PICK = (State.PENDING_SHIPMENT, State.PARTLY_SHIPPED, State.PENDING_PICKUP)
