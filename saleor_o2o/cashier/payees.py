"""Whose an order's money is: the sellers of its parts, as the order core split it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Payee:
    """Who gets a part of an order's money: a seller's code ("": our own), the part's total (yuan), words for the
    payer."""

    seller: str
    amount: Decimal
    label: str = ""


def payees_of(order_id: int) -> list[Payee]:
    """One payee per seller, our own first; empty for an order that was never split. One query."""
    from saleor_o2o.ordering.interfaces import sub_orders_of

    found: dict[str, Payee] = {}
    for part in sub_orders_of(order_id):
        code, name = (part.seller.code, part.seller.name) if part.seller is not None else ("", "")
        known = found.get(code)
        found[code] = Payee(code, part.total + (known.amount if known else Decimal(0)), name)
    return sorted(found.values(), key=lambda payee: payee.seller)
