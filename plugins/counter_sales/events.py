"""What the counter tells the others, after the commit. Amounts in yuan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from saleor_o2o.kernel.events import Event


@dataclass(frozen=True)
class CounterSalePaid(Event):
    """A counter sale has its money; `paid_by` is `cash`, `pos` or `code`."""

    name = "counter_sales.sale_paid"

    sale_id: int
    order_id: int
    amount: Decimal
    paid_by: str


@dataclass(frozen=True)
class CounterSaleHanded(Event):
    """The customer has the goods."""

    name = "counter_sales.sale_handed"

    sale_id: int
    order_id: int


@dataclass(frozen=True)
class CounterSalePartHanded(Event):
    """The customer has some of the goods; the rest waits."""

    name = "counter_sales.sale_part_handed"

    sale_id: int
    order_id: int


@dataclass(frozen=True)
class CounterSaleRefunded(Event):
    """Money of a counter sale went back, or (paid by code) is on its way."""

    name = "counter_sales.sale_refunded"

    sale_id: int
    order_id: int
    amount: Decimal
    whole: bool


@dataclass(frozen=True)
class FloatLow(Event):
    """A float fell below its alarm line. `available` in yuan."""

    name = "counter_sales.float_low"

    account_id: int
    available: Decimal
