"""What can be asked for, and what is under way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import Q, Sum
from saleor.payment.models import Payment

from plugins.org_hierarchy.interfaces import OrderAttribution, OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.interfaces import State as Part
from saleor_o2o.ordering.interfaces import (
    register_action,
    register_open_matter,
    sub_order_lines_of,
    sub_orders_of,
)

from .amounts import Left, left_of, most_for
from .choices import COMPLAINT_OVER, OVER, VOID, State
from .models import AfterSale, AfterSaleLine, Complaint
from .swapping import warranties

#: Parts that something can be asked for: paid, and neither closed nor past their time.
_ASKABLE = (
    Part.PENDING_SHIPMENT, Part.PARTLY_SHIPPED, Part.SHIPPED, Part.PENDING_PICKUP, Part.PENDING_VERIFICATION,
    Part.RECEIVED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineOffer:
    """What of a line can be asked for: pieces and yuan left, how many have left the house."""

    line: Any
    left: Left
    sent: int
    unsent: int
    is_open: bool

    @property
    def is_free(self) -> bool:
        """Nothing was paid for it in money (points or a coupon did): its pieces go back for nothing."""
        return bool(self.line.total == 0)

    def most(self, quantity: int) -> Decimal:
        """The most that so many pieces can give back, in yuan."""
        return most_for(self.left, quantity)


@dataclass(frozen=True, slots=True)
class PartOffer:
    """What of a part can be asked for; `freight` (yuan) is what is left of it."""

    part: Any
    lines: list[LineOffer] = field(default_factory=list)
    freight: Decimal = Decimal(0)

    @property
    def may_return(self) -> bool:
        """True when something has left that could come back."""
        return any(one.sent and one.left.quantity for one in self.lines)


def may_apply(part: Any) -> bool:
    """True while a part can have an after-sale: paid, and within the time kept when the order was made."""
    in_time = part.after_sale_until is None or part.after_sale_until > now()
    return part.state in _ASKABLE and part.paid_at is not None and in_time


def offers_of(order_id: int) -> list[PartOffer]:
    """What can be asked for of each part of an order. Exact under its sub-orders' locks. Four statements."""
    taken: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    busy: set[int] = set()
    freight: dict[int, Decimal] = defaultdict(Decimal)
    rows = AfterSaleLine.objects.filter(after_sale__order_id=order_id).exclude(after_sale__state__in=VOID)
    for row in rows:
        taken[row.part_line_id].append((row.pieces, row.yuan))
        if row.is_open:
            busy.add(row.part_line_id)
    for key, amount in (
        AfterSale.objects.filter(order_id=order_id)
        .exclude(state__in=VOID)
        .values_list("sub_order_id", "freight")
    ):
        freight[key] += amount
    lines: dict[int, list[Any]] = defaultdict(list)
    for line in sub_order_lines_of(order_id):
        lines[line.sub_order_id].append(line)
    offers = []
    for part in sub_orders_of(order_id):
        own = lines[part.pk]
        paid = part.total - sum((line.total for line in own), Decimal(0))
        offers.append(
            PartOffer(
                part,
                [
                    LineOffer(
                        line,
                        left_of(line.quantity, line.total, taken[line.pk]),
                        sent=line.shipped - line.returned,
                        unsent=line.quantity - line.shipped - line.withdrawn,
                        is_open=line.pk in busy,
                    )
                    for line in own
                ],
                max(paid - freight[part.pk], Decimal(0)),
            )
        )
    return offers


def money_left(order_id: int, besides: int = 0) -> Decimal:
    """What of an order's money is still here and promised to no other after-sale, in yuan. Two statements."""
    here = Payment.objects.filter(order_id=order_id).aggregate(total=Sum("captured_amount"))["total"]
    promised = (
        AfterSale.objects.filter(order_id=order_id)
        .exclude(state__in=OVER)
        .exclude(state=State.REFUNDING, refund_base__isnull=True)  # booked with the refund
        .exclude(pk=besides)
        .values_list("amount", "agreed")
    )
    owed = sum((amount if agreed is None else agreed for amount, agreed in promised), Decimal(0))
    return (here or Decimal(0)) - owed


def unit_of(order_id: int) -> OrgUnit:
    """The unit whose order it is."""
    attribution = OrderAttribution.objects.select_related("unit").get(order_id=order_id)
    return attribution.unit


def decided_before(row: AfterSale) -> Decimal:
    """What other after-sales of the order give back: a large refund must not pass in small pieces."""
    others = AfterSale.objects.filter(order_id=row.order_id, agreed__isnull=False).exclude(pk=row.pk)
    return others.exclude(state__in=VOID).aggregate(total=Sum("agreed"))["total"] or Decimal(0)


def mine(user: Any) -> Any:
    """A customer's own after-sales, the newest first."""
    return AfterSale.objects.filter(customer_id=user.pk).order_by("-pk")


def open_parts(keys: Collection[int]) -> set[int]:
    """Of some sub-orders those with an after-sale or a complaint that is not over."""
    found = AfterSale.objects.filter(sub_order_id__in=keys).exclude(state__in=OVER)
    complaints = Complaint.objects.filter(sub_order_id__in=keys).exclude(state__in=COMPLAINT_OVER)
    return {*found.values_list("sub_order_id", flat=True), *complaints.values_list("sub_order_id", flat=True)}


def _offered(keys: Collection[int]) -> set[int]:
    """Of some sub-orders those that an after-sale can be asked for. Two statements."""
    parts = apps.get_model("o2o_ordering", "SubOrder")
    in_time = Q(after_sale_until__isnull=True) | Q(after_sale_until__gt=now())
    found = parts.objects.filter(in_time, pk__in=keys, state__in=_ASKABLE, paid_at__isnull=False)
    repaired = {
        part for part, lines in warranties(keys).items() if any(until > now() for until in lines.values())
    }
    return {*found.values_list("pk", flat=True), *repaired}


def install() -> None:
    """Tell ordering what keeps a part open, and what shoppers may ask."""
    register_open_matter("after_sale", open_parts)
    register_action("AFTER_SALE", _offered)
