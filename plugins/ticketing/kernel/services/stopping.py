"""A trip does not take place: what is held for it is let go, what is paid and not issued gives its money back.

Tickets that count are the trade's to give back, change or move. One way for all trades.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from saleor_o2o.kernel.locks import LockTimeout

from ..choices import OrderState
from ..locks import lock_order
from ..models import TicketOrder
from ..telling import tell_closed
from . import issuing
from .expiring import is_paid_for
from .holding import end

S = OrderState
#: What has no tickets yet.
OPEN = (S.HOLDING, S.HELD, S.PAID, S.ISSUING)


def stop(orders: QuerySet[TicketOrder], why: Any) -> int:
    """Let go of all of these orders that have no tickets yet; how many were closed. Again: none.

    What nobody has paid is closed and its buyer told, also inside of an order; money that comes later goes back whole:
    nothing is held again (`no_trip`). What is paid is failed by its next step, with all of the money. One transaction
    each, outside of any other: a lock on the trade's rows would come too early. Locks: the order, its tickets, our own
    inventory. Raises LockTimeout, after all others: come again for what somebody was at.
    """
    waiting = orders.filter(state__in=OPEN).order_by("pk")
    closed, busy = 0, None
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            closed += _stop(pk, str(why))
        except LockTimeout as timeout:
            busy = timeout
    if busy is not None:
        raise busy
    return closed


@transaction.atomic
def _stop(pk: int, why: str) -> bool:
    order = lock_order(pk)
    if order is None or order.state not in OPEN:
        return False
    order.no_trip = True
    order.save(update_fields=["no_trip"])
    if order.state == S.PAID:
        issuing.later(order.pk)
    if order.state in (S.PAID, S.ISSUING):
        return False
    if order.order_id is not None and is_paid_for(order.order_id):
        return False  # the news is on its way, and its next step gives the money back
    end(order, why)
    if not hasattr(order, "change_of"):  # whoever changes to it is told of the change
        tell_closed(order)
    return True
