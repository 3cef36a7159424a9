"""The map is asked where an address is: after the commit, under no lock, a bounded number of times."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.apps import apps
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from plugins.service_map.interfaces import MapError, NotConfigured
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..choices import State
from ..models import DispatchTask
from ..placing import Address, by_position, by_town
from ..serving import ask_position
from .following import settle

logger = logging.getLogger(__name__)

#: Minutes between the attempts; after the last one the county gets the task.
WAITS = (1, 2, 5, 10)
TRIES = len(WAITS) + 1


def locate(pk: int) -> DispatchTask | None:
    """Ask the map once where a task's address is, and put the task where it belongs; None where it is nobody's turn.

    Two workers do not ask for one task at a time: an attempt is claimed by one statement before it is made. Raises
    RuntimeError when it is called in a transaction.
    """
    if connection.in_atomic_block:
        raise RuntimeError("the map must not be asked inside a transaction")
    moment = now()
    mine = DispatchTask.objects.filter(pk=pk, state=State.LOCATING, tries__lt=TRIES)
    tries = DispatchTask.objects.filter(pk=pk).values_list("tries", flat=True).first() or 0
    wait = timedelta(minutes=WAITS[min(tries, len(WAITS) - 1)])
    claimed = mine.filter(Q(next_try_at__isnull=True) | Q(next_try_at__lte=moment), tries=tries).update(
        tries=F("tries") + 1, next_try_at=moment + wait
    )
    if not claimed:
        return None
    address = _address(pk)
    try:
        position = ask_position(address)
    except MapError as problem:
        logger.warning("dispatch task %s could not be located: %s", pk, problem.code)
        if tries + 1 < TRIES and not isinstance(problem, NotConfigured):
            return None
        return _place(pk, address, None, _("%(problem)s，无法按地址定位") % {"problem": problem.message})
    return _place(pk, address, position, _("地图找不到这个地址的准确位置"))


def due_to_locate(limit: int = 50) -> list[int]:
    """Tasks whose next attempt is due: the worker died, or the map did not answer."""
    waits = Q(next_try_at__lte=now()) | Q(
        next_try_at__isnull=True, created_at__lte=now() - timedelta(minutes=1)
    )
    rows = DispatchTask.objects.filter(waits, state=State.LOCATING)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def give_up_locating(pk: int) -> DispatchTask | None:
    """The attempts are used up (the last one died half-way): the county decides."""
    if DispatchTask.objects.filter(pk=pk, tries__gte=TRIES, next_try_at__lte=now()).exists():
        return _place(pk, _address(pk), None, _("地图服务多次没有答复，无法按地址定位"))
    return None


@transaction.atomic
def _place(pk: int, asked: Address, position: tuple[float, float] | None, why: str) -> DispatchTask | None:
    rows = lock_rows(
        DispatchTask.objects.filter(pk=pk, state=State.LOCATING).select_related("unit", "holder")
    )
    if not rows:  # closed, or placed by somebody else meanwhile
        return None
    row, address = rows[0], _address(pk)
    if address != asked:  # changed while the map was asked: the sweep asks for the new one
        DispatchTask.objects.filter(pk=pk).update(tries=0, next_try_at=now())
        return None
    if position is None:
        settle(row, by_town(row.order_id, address, why), failed=True)
    else:
        settle(row, by_position(row.order_id, address, *position))
    return row


def _address(pk: int) -> Address:
    order = (
        apps.get_model("order", "Order")
        .objects.filter(o2o_dispatch_tasks=pk)
        .select_related("shipping_address")
    )
    return Address.of(order.get().shipping_address)
