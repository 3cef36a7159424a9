"""What of payments in several ways came and went by code or stored-value card; cash and slips have their papers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from saleor_o2o.cashier.interfaces import parts_taken, shares_given

from ..models import CounterSale, PaidBy, SaleRefund

ZERO = Decimal("0.00")
#: Tenders that leave a paper in the drawer.
_PAPERS = ("cash", "pos")


@dataclass(frozen=True, slots=True)
class Apart:
    """Yuan by code and by stored-value card (or other money of ours), and how often."""

    code: Decimal = ZERO
    code_count: int = 0
    card: Decimal = ZERO
    card_count: int = 0


def refund_key(request: str) -> str:
    """The key of the cashier's refund for a refund of a sale paid in several ways."""
    return f"counter:{request}"[:80]


def mixed_in(sales: QuerySet[CounterSale]) -> Apart:
    """Of sales those paid in several ways: the code paid what the parts left. Two statements."""
    totals = dict(sales.filter(paid_by=PaidBy.MIXED).values_list("order_id", "total"))
    if not totals:
        return Apart()
    rest: dict[int, Decimal] = dict(totals)
    cards: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for order, kind, amount in parts_taken(totals):
        rest[order] -= amount
        if kind not in _PAPERS:
            cards[order] += amount
    return _apart([one for one in rest.values() if one > 0], list(cards.values()))


def mixed_back(refunds: QuerySet[SaleRefund]) -> Apart:
    """Of refunds of sales those paid in several ways, by their exact shares. Three statements."""
    keys = [
        refund_key(one) for one in refunds.filter(paid_by=PaidBy.MIXED).values_list("request_key", flat=True)
    ]
    if not keys:
        return Apart()
    shares = shares_given(keys)
    return _apart(
        [amount for _key, kind, amount in shares if not kind],
        [amount for _key, kind, amount in shares if kind and kind not in _PAPERS],
    )


def _apart(codes: list[Decimal], cards: list[Decimal]) -> Apart:
    return Apart(sum(codes, ZERO), len(codes), sum(cards, ZERO), len(cards))
