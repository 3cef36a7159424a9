"""What after-sale tells the others, after the commit; all under `order:<pk>`. Amounts in yuan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from saleor_o2o.kernel.events import Event


@dataclass(frozen=True)
class AfterSaleApplied(Event):
    """A customer asks for money back, or to send goods back."""

    name = "after_sale.applied"

    after_sale_id: int
    order_id: int
    sub_order_id: int
    amount: Decimal


@dataclass(frozen=True)
class AfterSaleRefunded(Event):
    """Its money has reached the customer: reverse what was given for the sale, in proportion.

    The tuples run along the lines: the order line, pieces and yuan that went back, and the yuan that were paid for the
    whole line; `amounts[i] / paid[i]` is the share of the line. `amount` = their sum + `freight`.
    """

    name = "after_sale.refunded"

    after_sale_id: int
    order_id: int
    sub_order_id: int
    amount: Decimal
    freight: Decimal
    order_lines: tuple[int, ...]
    quantities: tuple[int, ...]
    amounts: tuple[Decimal, ...]
    paid: tuple[Decimal, ...]


@dataclass(frozen=True)
class AfterSaleClosed(Event):
    """It is over without money: withdrawn, or closed by silence or by a ruling. ``state`` is where it ended."""

    name = "after_sale.closed"

    after_sale_id: int
    order_id: int
    sub_order_id: int
    state: str


@dataclass(frozen=True)
class ComplaintDecided(Event):
    """A complaint has its ruling; ``amount`` is what the customer gets back by it."""

    name = "after_sale.complaint_decided"

    complaint_id: int
    order_id: int
    for_buyer: bool
    amount: Decimal
