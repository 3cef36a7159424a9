"""Papers: what to fetch from which warehouse, and the slip that goes into the parcel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from saleor_o2o.kernel import audit

from .choices import TimelineKind
from .error_codes import OrderingErrorCode as Code
from .errors import OrderingError
from .models import SubOrder, SubOrderLine
from .services.marking import MOST
from .services.sending import TO_PICK
from .services.timeline import entry_of, note_all

PRINTED = audit.action("ordering.printed", "打印拣货单或发货单")


@dataclass(slots=True)
class Pick:
    """One kind of goods to fetch: how many in all, and for which parts."""

    name: str
    sku: str
    quantity: int = 0
    parts: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class PickingList:
    """What to fetch from one warehouse, by SKU."""

    warehouse: str
    picks: list[Pick]
    parts: int

    @property
    def pieces(self) -> int:
        return sum(pick.quantity for pick in self.picks)


@dataclass(slots=True)
class Slip:
    """What goes into one parcel: the part, its lines, and where to."""

    part: SubOrder
    lines: list[SubOrderLine]
    address: Any
    note: str


def picking_lists(order_ids: Sequence[int]) -> list[PickingList]:
    """What is still to be fetched for the orders, a list per warehouse. Two statements.

    The caller has taken the orders through the scope. Raises OrderingError NOT_PRINTABLE, TOO_MANY.
    """
    if len(order_ids) > MOST:
        raise OrderingError(Code.TOO_MANY)
    lines = (
        SubOrderLine.objects.filter(sub_order__order__in=order_ids, sub_order__state__in=TO_PICK)
        .select_related("sub_order__warehouse", "order_line")
        .order_by("order_line__product_sku", "sub_order__number")
    )
    by_place: dict[str, dict[str, Pick]] = defaultdict(dict)
    parts: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        left = line.quantity - line.shipped - line.withdrawn
        if left <= 0:
            continue
        place = line.sub_order.warehouse.name if line.sub_order.warehouse else "未指定仓库"
        row = line.order_line
        name = f"{row.product_name} {row.variant_name}".strip()
        pick = by_place[place].setdefault(row.product_sku, Pick(name, row.product_sku))
        pick.quantity += left
        pick.parts.append((line.sub_order.number, left))
        parts[place].add(line.sub_order_id)
    if not by_place:
        raise OrderingError(Code.NOT_PRINTABLE)
    return [
        PickingList(place, list(picks.values()), len(parts[place]))
        for place, picks in sorted(by_place.items())
    ]


def slips(order_ids: Sequence[int]) -> list[Slip]:
    """A slip for every part of the orders that is paid and not closed. Raises OrderingError NOT_PRINTABLE, TOO_MANY."""
    if len(order_ids) > MOST:
        raise OrderingError(Code.TOO_MANY)
    rows = SubOrder.objects.filter(order__in=order_ids, paid_at__isnull=False).exclude(state="closed")
    rows = rows.select_related("seller", "warehouse", "order__shipping_address").order_by("order", "position")
    own: dict[int, list[SubOrderLine]] = defaultdict(list)
    lines = SubOrderLine.objects.filter(sub_order__in=rows, quantity__gt=F("withdrawn"))
    for line in lines.select_related("order_line").order_by("pk"):
        line.quantity -= line.withdrawn  # what went back unsent is in no parcel
        own[line.sub_order_id].append(line)
    found = [Slip(row, own[row.pk], row.order.shipping_address, row.order.customer_note) for row in rows]
    if not found:
        raise OrderingError(Code.NOT_PRINTABLE)
    return found


@transaction.atomic
def note_printed(order_ids: Sequence[int], what: str) -> None:
    """Write down that a paper of these orders was printed: the timeline of each, one line of the audit."""
    note_all([entry_of(key, TimelineKind.PRINTED, f"打印{what}") for key in order_ids])
    audit.record(PRINTED, after={"paper": what, "orders": list(order_ids)})
