"""What has left of an order on its way to the buyer: parcels, with the number they are known by and what is in each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from saleor.order import FulfillmentStatus
from saleor.order.models import FulfillmentLine, OrderLine

from .choices import DeliveryMode
from .models import SubOrder, SubOrderLine

if TYPE_CHECKING:
    from .shopping import Part

#: Whose number it is, where the number says so: UPU standard S10 with the country CN and the thirteen digits of
#: domestic mail are the post's; the others begin their numbers with their own letters.
_CARRIERS = (
    (re.compile(r"[A-Z]{2}\d{9}CN|[19]\d{12}"), "中国邮政"),
    (re.compile(r"SF\d{12,13}"), "顺丰速运"),
    (re.compile(r"JD[A-Z0-9]{10,15}"), "京东物流"),
    (re.compile(r"YT\d{13}"), "圆通速递"),
)
_GAP = re.compile(r"[\s:：,，]+")


@dataclass(frozen=True, slots=True)
class Packed:
    """So many pieces of an order line in a parcel."""

    line: OrderLine
    quantity: int


@dataclass(slots=True)
class Parcel:
    """What left at once from one place. `carrier` and `waybill` are "" where nobody wrote them down.

    `parts`: numbers of the sub-orders it belongs to; `received_at`: when the buyer had all of these.
    """

    waybill: str
    carrier: str
    sent_at: datetime
    warehouse: str
    lines: list[Packed] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    received_at: datetime | None = None


def read_tracking(text: str) -> tuple[str, str]:
    """Carrier and number of what the staff typed as 运单号: "顺丰 SF1234567890123", or the number alone.

    A number that no carrier claims has the carrier "".
    """
    pieces = [piece for piece in _GAP.split(text.strip()) if piece]
    name = "".join(piece for piece in pieces if not piece.isascii() and not any(map(str.isdigit, piece)))
    number = "".join(piece for piece in pieces if piece.isascii() and piece.upper() != "EMS")
    if not any(map(str.isdigit, number)):
        return "", text.strip()
    found = next((title for pattern, title in _CARRIERS if pattern.fullmatch(number.upper())), "")
    return name or found, number


def parcels_of(order_id: int, parts: Sequence[Part]) -> list[Parcel]:
    """The parcels of an order, the first one first; what is fetched or needs no way is in none. One statement."""
    sent = [part for part in parts if part.row.mode == DeliveryMode.DELIVERY]
    holders: dict[int, list[tuple[SubOrder, SubOrderLine]]] = defaultdict(list)
    for part in sent:
        for line in part.lines:
            holders[line.order_line_id].append((part.row, line))
    if not holders:
        return []
    rows = FulfillmentLine.objects.filter(
        fulfillment__order_id=order_id,
        fulfillment__status=FulfillmentStatus.FULFILLED,
        order_line_id__in=holders,
    ).select_related("fulfillment", "order_line", "stock__warehouse")
    found: dict[int, Parcel] = {}
    rows_of: dict[int, list[SubOrder]] = defaultdict(list)
    for row in rows.order_by("fulfillment_id", "pk"):
        place = row.stock.warehouse if row.stock is not None else None
        parcel = found.get(row.fulfillment_id)
        if parcel is None:
            carrier, waybill = read_tracking(row.fulfillment.tracking_number)
            parcel = Parcel(
                waybill, carrier, row.fulfillment.created, place.name if place is not None else ""
            )
            found[row.fulfillment_id] = parcel
        parcel.lines.append(Packed(row.order_line, row.quantity))
        owners = [owner for owner, _line in holders[row.order_line_id]]
        own = [owner for owner in owners if place is not None and owner.warehouse_id == place.pk]
        rows_of[row.fulfillment_id] += own or owners
    for key, parcel in found.items():
        owners = list({owner.pk: owner for owner in rows_of[key]}.values())
        parcel.parts = [owner.number for owner in owners]
        times = [owner.received_at for owner in owners]
        known = [time for time in times if time is not None]
        parcel.received_at = max(known) if len(known) == len(times) else None
    return list(found.values())
