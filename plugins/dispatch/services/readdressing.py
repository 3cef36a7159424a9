"""The address of an order was changed: its tasks go where it is now, and whoever has one there keeps it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import transaction

from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move
from saleor_o2o.ordering.interfaces import lock_sub_orders

from ..choices import OPEN, Deed, State
from ..models import DispatchTask
from ..noting import tell
from ..placing import Address, above, by_name, by_position
from ..serving import kept_position
from .following import settle


@transaction.atomic
def readdress(order_id: int) -> int:
    """Look at the open tasks of an order whose address was changed; how many. Again: the same place again.

    What is known at once (a community, a position that the map gave before) moves the task in this transaction; else
    the map is asked after the commit, and the county gets what it does not find. Locks: the order's sub-orders, then
    the tasks in key order. Raises LockTimeout.
    """
    lock_sub_orders(order_id)
    open_ = DispatchTask.objects.filter(order_id=order_id, state__in=OPEN)
    rows = lock_rows(open_.select_related("unit", "holder", "offered_to"))
    if not rows:
        return 0
    order = apps.get_model("order", "Order").objects.select_related("shipping_address").get(pk=order_id)
    address = Address.of(order.shipping_address)
    for row in rows:
        _look_anew(row, address)
    return len(rows)


def _look_anew(row: DispatchTask, address: Address) -> None:
    from ..tasks import locate

    if row.state == State.LOCATING:  # whoever asks the map now finds the address changed, and asks again
        DispatchTask.objects.filter(pk=row.pk).update(tries=0, next_try_at=None)
    else:
        move(row, "relocate")
        tell(row, Deed.READDRESSED, "收货地址已修改，重新定位")
    place: Any = by_name(address)
    if place is None:
        position = kept_position(address)
        if position is not None:
            place = by_position(row.order_id, address, *position)
    if place is None and not address.street.strip():
        place = above(row.order_id, address, "没有收货地址")
    if place is not None:
        settle(row, place)
    else:
        transaction.on_commit(lambda: locate.delay(row.pk))
