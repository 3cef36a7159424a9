"""What is held elsewhere before it is bought (a seat): lines of a cart at the price of the hold, bound to the order.

A source (`register_holds`) knows the holds; ordering asks it for a hold's lines, keeps on each line which hold it is of
and at what price (`CheckoutLine.data`, which no client can write), and tells it, in the transaction that writes the
order, which order lines its holds have become. Goods of a source's product types cannot be ordered without a hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.checkout.utils import recalculate_checkout_discount, update_checkout_quantity
from saleor.order.models import Order, OrderLine

from saleor_o2o.kernel.locks import lock_rows, require_transaction

from .error_codes import OrderingErrorCode
from .errors import OrderingError
from .origin import Origin

#: Keys of a held line's data.
HOLD, UNIT = "hold", "unit"


@dataclass(frozen=True, slots=True)
class HeldLine:
    """So many pieces of a variant (by key) at the hold's unit price in yuan."""

    variant: int
    quantity: int
    unit: Decimal


@dataclass(frozen=True, slots=True)
class HeldGoods:
    """Pieces of a hold that an order line has become: `number` is the hold's, `unit` in yuan."""

    number: str
    unit: Decimal
    line: OrderLine


class HoldSource(Protocol):
    """Something that holds. `types`: slugs of the product types that are sold by its holds only."""

    types: frozenset[str]

    def lines(self, number: str, key: str, user: Any) -> Sequence[HeldLine]:
        """A hold's lines, for whom it is; each variant and price once. Raises DomainError for what cannot be bought."""
        ...

    def bind(self, order: Order, goods: Sequence[HeldGoods], origin: Origin) -> datetime:
        """The holds become the order's, in the transaction that writes it; until when it must be paid.

        Locks its own rows, in primary-key order. Raises DomainError where a hold is gone, not whole, or not the
        buyer's: nothing is ordered then.
        """
        ...

    def bound(self, order_id: int) -> set[int]:
        """The keys of an order's lines that are a hold's."""
        ...


_sources: dict[str, HoldSource] = {}


def register_holds(name: str, source: HoldSource) -> None:
    """Sell by holds; apps call it when they are ready. Raises ValueError for a name that is taken."""
    if name in _sources:
        raise ValueError(f"holds {name!r} are already registered")
    _sources[name] = source


def lines_of(number: str, key: str, user: Any) -> list[tuple[HeldLine, dict[str, str]]]:
    """A hold's lines with the data that marks them. Raises OrderingError HOLD_UNKNOWN, and the source's refusals."""
    name, separator, own = number.partition(":")
    if not separator:
        name, own = next(iter(_sources), ""), number
    source = _sources.get(name)
    if source is None:
        raise OrderingError(OrderingErrorCode.HOLD_UNKNOWN, "holds")
    return [(line, {HOLD: f"{name}:{own}", UNIT: str(line.unit)}) for line in source.lines(own, key, user)]


def unit_of(line: Any) -> Decimal | None:
    """The hold's unit price of a checkout line, in yuan; None for a line that is no hold's."""
    data = getattr(line, "data", None)
    return Decimal(data[UNIT]) if data and HOLD in data else None


def mark(order_line: OrderLine, data: Mapping[str, Any] | None) -> None:
    """Let an unsaved order line know of which hold it is."""
    if data and HOLD in data:
        order_line.o2o_hold = dict(data)


def refuse_unheld(lines: Iterable[Any]) -> None:
    """Refuse goods that are sold by holds only, in a line without one. No statement. Raises HOLD_NEEDED."""
    for line in lines:
        if line.variant is not None and unit_of(line) is None and is_held_type(line.variant):
            raise OrderingError(OrderingErrorCode.HOLD_NEEDED, "lines")


def is_held_type(variant: Any) -> bool:
    """Whether goods are sold by holds only; read along with the lines."""
    slug = variant.product.product_type.slug
    return any(slug in source.types for source in _sources.values())


def bind_holds(order: Order, order_lines: Sequence[OrderLine], origin: Origin) -> None:
    """Tell the sources which lines of a new order are their holds'; the order then waits for money no longer than they.

    In the transaction that wrote the order, before its rows (`writing.write_rows`). Raises the sources' refusals.
    """
    found: dict[str, list[HeldGoods]] = defaultdict(list)
    for line in order_lines:
        data = getattr(line, "o2o_hold", None)
        if data:
            name, _separator, number = data[HOLD].partition(":")
            found[name].append(HeldGoods(number, Decimal(data[UNIT]), line))
    if not found:
        return
    require_transaction()
    until = [_sources[name].bind(order, goods, origin) for name, goods in sorted(found.items())]
    order.o2o_pay_by = min(until)


def bound_lines(order_id: int) -> set[int]:
    """The keys of an order's lines that are holds'."""
    return {key for source in _sources.values() for key in source.bound(order_id)}


@transaction.atomic
def put_into_checkout(token: UUID, number: str, key: str, user: Any, discounts: Any) -> Checkout:
    """Put a hold into a stock checkout, as lines of its own; again: the same.

    `user` is who asks: nobody puts anything into another account's checkout. Locks: the checkout. Raises OrderingError
    CHECKOUT_GONE, HOLD_UNKNOWN, and the source's refusals.
    """
    rows = lock_rows(Checkout.objects.filter(pk=token))
    owner = user.pk if getattr(user, "is_authenticated", False) else None
    if not rows or rows[0].user_id not in (None, owner):
        raise OrderingError(OrderingErrorCode.CHECKOUT_GONE, "checkoutId")
    checkout = rows[0]
    for line, data in lines_of(number, key, user):
        CheckoutLine.objects.update_or_create(
            checkout=checkout, variant_id=line.variant, data=data, defaults={"quantity": line.quantity}
        )
    update_checkout_quantity(checkout)
    recalculate_checkout_discount(checkout, list(checkout), discounts)
    return checkout
