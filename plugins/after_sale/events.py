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

    So that whoever listens need remember nothing: `before[i]` is what earlier after-sales gave back of the line, and
    `order_before` of the order (with freight) out of `order_paid`. What was earned with X (points, a coupon, a
    commission) is reversed by `round(X · (before + amount) / paid) − round(X · before / paid)`: over all after-sales
    of a line exactly X, no fen more or less. Pieces alike: `pieces_before`, of `bought`; `restocked` of them are for
    sale again. `tenders` and `tender_amounts` say how the money was divided: `provider`, the kind of a tender
    (`gift_card`, `cash` …), or `elsewhere` where people paid it out. `refund_key` names the refund at the cashier:
    its own events tell of the same money.
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
    before: tuple[Decimal, ...] = ()
    bought: tuple[int, ...] = ()
    pieces_before: tuple[int, ...] = ()
    restocked: tuple[int, ...] = ()
    order_paid: Decimal = Decimal(0)
    order_before: Decimal = Decimal(0)
    tenders: tuple[str, ...] = ()
    tender_amounts: tuple[Decimal, ...] = ()
    customer_id: int | None = None
    refund_key: str = ""


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
