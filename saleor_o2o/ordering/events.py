"""What ordering tells the others, after the commit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from saleor_o2o.kernel.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    """An order exists and its stock is allocated; it may or may not be paid. ``total`` in yuan."""

    name = "ordering.order_placed"

    order_id: int
    total: Decimal
    gateway: str
