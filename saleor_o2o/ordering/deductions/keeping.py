"""What an order's rows say, and the end of an unpaid order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from saleor.order.models import Order

from saleor_o2o.kernel.money import to_fen

from ..models import OrderDeduction
from .sources import NOTHING, source_named, title_of
from .taking import SOURCES_KEY, Deducted


@dataclass(slots=True)
class Kept:
    """What one thing (a coupon) took off an order, with its rows by line; yuan."""

    source: str
    reference: str
    title: str
    rows: list[OrderDeduction] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        return sum((row.amount for row in self.rows), NOTHING)

    @property
    def source_title(self) -> str:
        return title_of(self.source)


def kept_of(order_ids: Iterable[int]) -> dict[int, list[Kept]]:
    """What lowered the orders, with the order lines; one statement."""
    rows = OrderDeduction.objects.filter(order_id__in=list(order_ids)).select_related("order_line")
    found: dict[int, dict[tuple[str, str], Kept]] = {}
    for row in rows.order_by("pk"):
        of_order = found.setdefault(row.order_id, {})
        known = of_order.setdefault((row.source, row.reference), Kept(row.source, row.reference, row.title))
        known.rows.append(row)
    return {order: list(ones.values()) for order, ones in found.items()}


def deducted_of(order: Order) -> Deducted:
    """What an order was lowered by, for splitting it anew; a statement only where it was."""
    found = Deducted()
    if not (order.private_metadata or {}).get(SOURCES_KEY):
        return found
    shipping = 0
    rows: Any = OrderDeduction.objects.filter(order=order).values_list("order_line_id", "amount")
    for line, amount in rows:
        if line is None:
            shipping += to_fen(amount)
        else:
            found.lines[line] = found.lines.get(line, 0) + to_fen(amount)
    return Deducted(found.lines, shipping)


def release(order: Order) -> None:
    """A *locked* order ends unpaid: its sources get back all that it held. No statement where it held nothing."""
    for name in (order.private_metadata or {}).get(SOURCES_KEY, ()):
        source = source_named(name)
        if source is not None:
            source.release(order)
