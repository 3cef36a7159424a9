"""How an order is split: by seller, warehouse, delivery mode and business line, every fen of it accounted for.

Pure arithmetic in fen: no database, no Django rows. The rules, in this order:

- goods: the unit price times the quantity, so nothing is rounded;
- freight goes to the parts that are delivered (to all, where none is), in proportion to their goods;
- a discount goes to the lines that the voucher is for, in proportion to their goods, and a free-shipping voucher to
  the freight; what exceeds them spills over everything;
- what sources took off a line (member price, coupons, points: `deductions`) comes off this line, exactly; what they
  took off the freight comes off the freight;
- what was paid before there was an order (gift cards) is the rest: all of the above against the order's total. It goes
  over what is left of each line and of each freight.

Remainders go to the largest fractions (`kernel.money.split_fen`): parts always sum to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from saleor_o2o.kernel.money import split_fen

from .choices import DeliveryMode

#: Seller, warehouse, delivery mode, business line.
Key = tuple[int | None, Any, str, str]


@dataclass(frozen=True, slots=True)
class LineFact:
    """A line of the order: `unit` in fen; `places` says which warehouse gives how much of `quantity`."""

    key: int
    quantity: int
    unit: int
    seller: int | None = None
    line: str = "goods"
    mode: str = DeliveryMode.DELIVERY.value
    discounted: bool = True
    #: What sources took off this line, of all its quantity.
    deducted: int = 0
    places: tuple[tuple[Any, int], ...] = ()


@dataclass(slots=True)
class LinePart:
    """A quantity of one order line in one sub-order; amounts in fen."""

    key: int
    quantity: int
    goods: int
    discount: int = 0
    prepaid: int = 0

    @property
    def total(self) -> int:
        return self.goods - self.discount - self.prepaid


@dataclass(slots=True)
class Part:
    """A sub-order to be; amounts in fen. The freight has its own shares of discount and prepayment."""

    key: Key
    lines: list[LinePart] = field(default_factory=list)
    shipping: int = 0
    shipping_discount: int = 0
    shipping_prepaid: int = 0

    @property
    def goods(self) -> int:
        return sum(line.goods for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.discount for line in self.lines) + self.shipping_discount

    @property
    def prepaid(self) -> int:
        return sum(line.prepaid for line in self.lines) + self.shipping_prepaid

    @property
    def total(self) -> int:
        return self.goods - self.discount + self.shipping - self.prepaid


def split_order(
    lines: Sequence[LineFact],
    *,
    shipping: int,
    discount: int,
    total: int,
    on_shipping: bool = False,
    off_shipping: int = 0,
) -> list[Part]:
    """Split an order into its parts, in the order in which their first lines stand. Amounts in fen.

    `total` is what is to be paid; `discount` is the voucher's, `on_shipping`: of a free-shipping one; what sources took
    is in the lines and, of the freight, in `off_shipping`. The parts' totals sum to `total` whatever is given. Raises
    ValueError for an order without lines, and for places that are not the quantity.
    """
    parts = _group(lines)
    _freight(parts, shipping)
    _discount(parts, {line.key for line in lines if line.discounted}, discount, on_shipping)
    _deduct(parts, {line.key: line.deducted for line in lines if line.deducted}, off_shipping)
    _prepaid(parts, total)
    return parts


def _group(lines: Sequence[LineFact]) -> list[Part]:
    parts: dict[Key, Part] = {}
    for line in lines:
        places = line.places or ((None, line.quantity),)
        if sum(quantity for _place, quantity in places) != line.quantity:
            raise ValueError(f"line {line.key}: the places hold another quantity")
        for place, quantity in places:
            key = (line.seller, place, line.mode, line.line)
            part = parts.setdefault(key, Part(key))
            same = next((one for one in part.lines if one.key == line.key), None)
            if same is None:
                part.lines.append(LinePart(line.key, quantity, quantity * line.unit))
            else:
                same.quantity += quantity
                same.goods += quantity * line.unit
    if not parts:
        raise ValueError("an order without lines cannot be split")
    return list(parts.values())


def _freight(parts: Sequence[Part], shipping: int) -> None:
    delivered = [part for part in parts if part.key[2] == DeliveryMode.DELIVERY] or list(parts)
    shares = split_fen(shipping, [part.goods for part in delivered])
    for part, share in zip(delivered, shares, strict=True):
        part.shipping = share


def _discount(parts: Sequence[Part], meant: set[int], discount: int, on_shipping: bool) -> None:
    chosen = [line for part in parts for line in part.lines if line.key in meant]
    freight = sum(part.shipping for part in parts)
    first = min(discount, freight if on_shipping else sum(line.goods for line in chosen))
    if on_shipping:
        _over_freight(parts, first)
    elif first:
        shares = split_fen(first, [line.goods for line in chosen])
        for line, share in zip(chosen, shares, strict=True):
            line.discount = share
    if discount == first:
        return
    _spill(parts, discount - first)


def _spill(parts: Sequence[Part], amount: int) -> None:
    """More than what it is for: over all that is left to pay."""
    shares = split_fen(amount, _left(parts))
    for position, part in enumerate(parts):
        part.shipping_discount += shares[position]
    rest = iter(shares[len(parts) :])
    for part in parts:
        for line in part.lines:
            line.discount += next(rest)


def _deduct(parts: Sequence[Part], deducted: Mapping[int, int], off_shipping: int) -> None:
    """Take off each line what sources took off it, over its places by what is left of them; likewise the freight.

    After a change of prices a line may be worth less than what was taken off it: the rest comes off all the others.
    """
    over = 0
    for key, amount in deducted.items():
        own = [line for part in parts for line in part.lines if line.key == key]
        left = [max(line.goods - line.discount, 0) for line in own]
        taken = min(amount, sum(left))
        over += amount - taken
        for line, share in zip(own, split_fen(taken, left), strict=True):
            line.discount += share
    if off_shipping:
        left = [max(part.shipping - part.shipping_discount, 0) for part in parts]
        taken = min(off_shipping, sum(left))
        over += off_shipping - taken
        for part, share in zip(parts, split_fen(taken, left), strict=True):
            part.shipping_discount += share
    if over:
        _spill(parts, over)


def _over_freight(parts: Sequence[Part], amount: int) -> None:
    shares = split_fen(amount, [part.shipping for part in parts])
    for part, share in zip(parts, shares, strict=True):
        part.shipping_discount = share


def _left(parts: Sequence[Part]) -> list[int]:
    """What is left to pay of each freight, then of each line; never less than nothing."""
    freight = [max(part.shipping - part.shipping_discount, 0) for part in parts]
    return freight + [max(line.goods - line.discount, 0) for part in parts for line in part.lines]


def _prepaid(parts: Sequence[Part], total: int) -> None:
    shares = split_fen(sum(part.total for part in parts) - total, _left(parts))
    for position, part in enumerate(parts):
        part.shipping_prepaid = shares[position]
    rest = iter(shares[len(parts) :])
    for part in parts:
        for line in part.lines:
            line.prepaid = next(rest)


def cover(parts: Sequence[tuple[int, Any, int]], left: Sequence[tuple[Any, int]]) -> dict[int, int]:
    """Say how much of each part of one order line has been handed over.

    `parts`: key, warehouse and quantity of each; `left`: warehouse and quantity of what left. A warehouse's own part
    comes first; what left from elsewhere than planned counts for the parts that still wait, in their order.
    """
    done = {key: 0 for key, _place, _quantity in parts}
    stray = 0
    for place, quantity in left:
        for key, own, wanted in parts:
            if own == place and quantity:
                taken = min(quantity, wanted - done[key])
                done[key] += taken
                quantity -= taken
        stray += quantity
    for key, _own, wanted in parts:
        taken = min(stray, wanted - done[key])
        done[key] += taken
        stray -= taken
    return done
