"""The last word on an order's deductions: asked again under the sources' locks, then written with the order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from saleor.checkout.models import Checkout, CheckoutLine
from saleor.order.models import Order, OrderLine

from saleor_o2o.kernel.locks import require_transaction
from saleor_o2o.kernel.money import to_fen

from ..models import OrderDeduction
from .reckoning import NONE, Reckoning, ask_sources, asking, deductions_of, reckon
from .sources import Goods

#: Where an order remembers which sources lowered it (private metadata): the others are not asked when it ends.
SOURCES_KEY = "o2o.deducted_by"


@dataclass(frozen=True, slots=True)
class Deducted:
    """What the lines (by key) and the freight of an order are lowered by, in fen: what splitting is told."""

    lines: dict[int, int] = field(default_factory=dict)
    shipping: int = 0

    @property
    def total(self) -> int:
        return sum(self.lines.values()) + self.shipping


def refuse_unusable(checkout: Checkout, lines: Sequence[CheckoutLine], discounts: Any) -> None:
    """Raise why something that the shopper chose does not count (any more): a DomainError of its source.

    An order is never placed with less than was chosen unasked. Nothing is locked: it is the early, cheap answer.
    """
    for refusal in deductions_of(checkout, lines, discounts).refusals:
        raise refusal


def settle(checkout: Checkout, lines: Sequence[CheckoutLine], discounts: Any) -> Reckoning:
    """What an order of a *locked* (or unsaved) checkout is lowered by, in the transaction that writes it.

    Totals that are asked of the checkout's row afterwards are made of it. Locks: each source's own rows, in the order
    of their ranks. Raises the first refusal (DomainError), LockTimeout. No statement where no source is asked.
    """
    if not (asked := asking(checkout)):
        return NONE
    require_transaction()
    return _accepted(reckon(checkout, lines, discounts, asked, final=True))


def settle_goods(goods: Goods) -> Reckoning:
    """`settle` for goods that were priced elsewhere (a counter), their stock rows locked before. Errors as `settle`."""
    if not (asked := asking(goods.checkout)):
        return NONE
    require_transaction()
    return _accepted(ask_sources(goods, asked, final=True))


def _accepted(found: Reckoning) -> Reckoning:
    for refusal in found.refusals:
        raise refusal
    return found


def marked(private_metadata: dict[str, Any] | None, settled: Reckoning) -> dict[str, Any] | None:
    """An order's private metadata with the sources that lowered it."""
    names = list(dict.fromkeys(one.source.name for one in settled.taken))
    return {**(private_metadata or {}), SOURCES_KEY: names} if names else private_metadata


def keep(order: Order, order_lines: Sequence[OrderLine], settled: Reckoning) -> Deducted:
    """Write the rows of an order that has just been written; its lines stand as the checkout's did.

    One statement and those of the sources; none where nothing was taken.
    """
    if not settled.taken:
        return Deducted()
    rows: list[OrderDeduction] = []
    by_source: dict[str, list[OrderDeduction]] = defaultdict(list)
    off: dict[int, int] = defaultdict(int)
    off_shipping = 0
    for one in settled.taken:
        deduction = one.deduction
        amounts: list[tuple[OrderLine | None, Decimal]] = [
            *((order_lines[key], amount) for key, amount in sorted(deduction.lines.items())),
            (None, deduction.shipping),
        ]
        for line, amount in amounts:
            if not amount:
                continue
            platform, unit, merchant = deduction.bearers or (None, None, None)
            row = OrderDeduction(
                order=order, order_line=line, source=one.source.name, reference=deduction.reference,
                title=deduction.title[:80], amount=amount, platform_share=platform, unit_share=unit,
                merchant_share=merchant,
            )  # fmt: skip
            rows.append(row)
            by_source[one.source.name].append(row)
            if line is None:
                off_shipping += to_fen(amount)
            else:
                off[line.pk] += to_fen(amount)
    OrderDeduction.objects.bulk_create(rows)
    for source in dict.fromkeys(one.source for one in settled.taken):
        source.keep(order, by_source[source.name])
    return Deducted(dict(off), off_shipping)
