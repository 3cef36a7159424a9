"""Orders that were placed by other means (before this was there, or by a path of stock's own) get their rows."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import transaction
from saleor.order import FulfillmentStatus, OrderStatus
from saleor.order.models import FulfillmentLine, Order
from saleor.warehouse.models import Allocation

from saleor_o2o.kernel.locks import lock_rows

from ..models import OrderProfile
from .writing import WITH_KINDS, write_rows


@transaction.atomic
def adopt(order_id: int) -> bool:
    """Write profile and sub-orders of an order that has none; False for a draft, or an order that is gone.

    Locks: the order, and only where there is nothing yet. What left already counts for the warehouse it left from.
    """
    rows = lock_rows(Order.objects.filter(pk=order_id))
    if not rows or rows[0].status == OrderStatus.DRAFT:
        return False
    order = rows[0]
    if OrderProfile.objects.filter(pk=order_id).exists():
        return True
    lines = list(order.lines.select_related(*(f"variant__{name}" for name in WITH_KINDS)).order_by("pk"))
    profile = write_rows(order, lines, _places(order_id), source="补记")
    OrderProfile.objects.filter(pk=profile.pk).update(placed_at=order.created)
    return True


def _places(order_id: int) -> dict[int, list[tuple[Any, int]]]:
    found: dict[int, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
    waiting = Allocation.objects.filter(order_line__order_id=order_id, quantity_allocated__gt=0)
    gone = FulfillmentLine.objects.filter(
        fulfillment__order_id=order_id, fulfillment__status=FulfillmentStatus.FULFILLED
    )
    for line, place, quantity in [
        *waiting.order_by("pk").values_list("order_line_id", "stock__warehouse_id", "quantity_allocated"),
        *gone.order_by("pk").values_list("order_line_id", "stock__warehouse_id", "quantity"),
    ]:
        found[line][place] += quantity
    return {line: list(places.items()) for line, places in found.items()}
