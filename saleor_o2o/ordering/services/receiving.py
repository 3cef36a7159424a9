"""Receiving and completing: by the buyer, by the clock, once."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.sweeping import sum_each

from ..choices import ReceivedBy, State
from ..error_codes import OrderingErrorCode as Code
from ..errors import OrderingError
from ..locks import lock_sub_orders
from ..models import OrderProfile, SubOrder
from ..seams import open_matters
from .moving import Change


@transaction.atomic
def receive(
    order_id: int, only: Collection[int] | None = None, *, by: ReceivedBy = ReceivedBy.BUYER, source: str = ""
) -> list[SubOrder]:
    """Note that the buyer has the delivered parts of an order (those in `only`, or all that are shipped).

    What was received before stays as it is. Locks: the sub-orders. Raises OrderingError: NOT_SHIPPED for a part of
    which something has not left, NOTHING_TO_RECEIVE where nothing is on its way; LockTimeout.
    """
    parts = lock_sub_orders(order_id)
    wanted = [part for part in parts if only is None or part.pk in only]
    ready = [part for part in wanted if part.state == State.SHIPPED]
    if not ready:
        done = any(part.state in (State.RECEIVED, State.COMPLETED) for part in wanted)
        if only is not None and done:
            return []
        waits = any(part.state in (State.PENDING_SHIPMENT, State.PARTLY_SHIPPED) for part in wanted)
        raise OrderingError(Code.NOT_SHIPPED if waits else Code.NOTHING_TO_RECEIVE)
    change = Change(OrderProfile.objects.get(pk=order_id), parts, by=by.value, source=source)
    for part in ready:
        change.to(part, State.RECEIVED)
    change.finish()
    return ready


@transaction.atomic
def receive_due(order_id: int) -> int:
    """Receive the parts whose time has come; how many. Again: none. Locks as `receive`."""
    parts = lock_sub_orders(order_id)
    moment = now()
    due = [
        part
        for part in parts
        if part.state == State.SHIPPED and part.receive_by is not None and part.receive_by <= moment
    ]
    if due:
        change = Change(OrderProfile.objects.get(pk=order_id), parts, by=ReceivedBy.AUTO.value)
        for part in due:
            change.to(part, State.RECEIVED)
        change.finish()
    return len(due)


@transaction.atomic
def complete_due(order_id: int) -> int:
    """Complete the parts whose after-sale time is over and of which nothing is open; how many. Locks as `receive`."""
    parts = lock_sub_orders(order_id)
    moment = now()
    due = [
        part
        for part in parts
        if part.state == State.RECEIVED
        and part.after_sale_until is not None
        and part.after_sale_until <= moment
    ]
    open_ = open_matters([part.pk for part in due])
    due = [part for part in due if part.pk not in open_]
    if due:
        change = Change(OrderProfile.objects.get(pk=order_id), parts)
        for part in due:
            change.to(part, State.COMPLETED)
        change.finish()
    return len(due)


def receive_all_due(limit: int = 200) -> int:
    """Every order with a part whose time to be received has come; returns how many parts were."""
    rows = SubOrder.objects.filter(state=State.SHIPPED, receive_by__lte=now())
    due = rows.order_by("receive_by").values_list("order_id", flat=True)[:limit]
    return sum_each(dict.fromkeys(due), receive_due)


def complete_all_due(limit: int = 200) -> int:
    """Every order with a part whose after-sale time is over; returns how many parts were completed.

    Parts with an open matter are passed over; they are found again once it is closed.
    """
    rows = SubOrder.objects.filter(state=State.RECEIVED, after_sale_until__lte=now())
    done, last = 0, 0
    while done < limit:
        page = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", "order_id")[:limit])
        if not page:
            break
        last = page[-1][0]
        held = open_matters([key for key, _order in page])
        done += sum_each(dict.fromkeys(order for key, order in page if key not in held), complete_due)
    return done
