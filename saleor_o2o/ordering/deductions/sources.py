"""Sources of deductions: what they are shown, what they answer, and their registry. Amounts in yuan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.product.models import ProductVariant

from saleor_o2o.kernel.errors import DomainError, Text

from ..models import OrderDeduction

NOTHING = Decimal("0.00")
#: The name under which stock's voucher is among those that lowered a line.
VOUCHER = "voucher"


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """A line as a source sees it. `key`: its position in the checkout.

    `amount`: the price of all its pieces as the shop asks it (sales and shop prices included); `left`: what the voucher
    and the sources before left of it. `on_sale`: the shop asks less than the ordinary price; `lowered_by`: who lowered
    it before (`VOUCHER`, names of sources). `seller`: key of the seller, None for our own goods.
    """

    key: int
    variant: ProductVariant
    quantity: int
    amount: Decimal
    left: Decimal
    on_sale: bool = False
    seller: int | None = None
    lowered_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Teller:
    """Somebody of the staff who buys for the member, and the key that the basket will be placed under."""

    user: Any
    key: str


@dataclass(frozen=True, slots=True)
class Goods:
    """A checkout as a source sees it; it may be an unsaved one (a basket). `shipping_left` as a line's `left`.

    `teller`: not the member asks but a clerk for the member; None where the member does. What only the member may
    decide wants the member's consent then.
    """

    checkout: Checkout
    lines: tuple[GoodsLine, ...]
    shipping: Decimal = NOTHING
    shipping_left: Decimal = NOTHING
    teller: Teller | None = None

    @property
    def user_id(self) -> int | None:
        """The member's user; None for a guest, to whom nothing belongs."""
        return self.checkout.user_id


@dataclass(frozen=True, slots=True)
class Deduction:
    """What a source takes off: by line key and of the freight, in exact fen, never more than is left.

    `reference` is the source's own name of what is used (a coupon's number), once per checkout; `title` is for people.
    `bearers`: percents of it that the platform, the unit that the order counts for, and the merchant pay, summing to
    100; None where the source keeps that itself. `alone`: nothing else lowers these lines: the sources after this one
    are not shown them.
    """

    reference: str
    title: str
    lines: Mapping[int, Decimal]
    shipping: Decimal = NOTHING
    bearers: tuple[int, int, int] | None = None
    alone: bool = False

    @property
    def amount(self) -> Decimal:
        return sum(self.lines.values(), NOTHING) + self.shipping


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source takes off, and why something that was chosen does not count (plain words, a stable code)."""

    deductions: Sequence[Deduction] = ()
    refusals: Sequence[DomainError] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """Something that could be chosen of a source for these goods: what to choose, what it saves (yuan), or why not.

    `is_best`: among those that together save most.
    """

    value: str
    title: str
    saves: Decimal = NOTHING
    refusal: DomainError | None = None
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Something that lowers orders. Sources are asked in the order of `rank`; each sees what the ones before left.

    - `reckon(goods, chosen, final)`: what it takes off; `chosen` is what the shopper chose of it (`choosing`), empty
      where nothing was. `final`: asked in the transaction that writes the order: lock your own rows, in primary-key
      order, then look. Otherwise only look. Any refusal of the final answer undoes the order.
    - `keep(order, rows)`: the order is written, `rows` are its deductions of this source: note on your own, locked rows
      that they are used. Same transaction.
    - `release(order)`: a *locked* order ends unpaid: give back all it held. Same transaction as its end; may be called
      for an order that holds nothing (any more).
    - `always(checkout)`: whether to ask although nothing was chosen (member prices). Without a statement for checkouts
      that it is not for.
    - `offers(goods)`: what could be chosen of it, for whoever buys for a member; only looks.
    """

    name: str
    title: Text
    rank: int
    reckon: Callable[[Goods, Sequence[str], bool], Answer]
    keep: Callable[[Order, Sequence[OrderDeduction]], None]
    release: Callable[[Order], None]
    always: Callable[[Checkout], bool] | None = None
    offers: Callable[[Goods], Sequence[Offered]] | None = None


#: Ranks of the sources that the platform has, in the order in which prices are made.
EXCHANGE, MEMBER_PRICE, COUPON, POINTS = 50, 100, 200, 300

_sources: dict[str, Source] = {}


def register_deductions(source: Source) -> None:
    """Let a source lower orders; apps call it when they are ready. Raises ValueError for a name that is taken."""
    if source.name in _sources or source.name == VOUCHER:
        raise ValueError(f"source of deductions {source.name!r} is already registered")
    _sources[source.name] = source


def sources() -> list[Source]:
    """All sources, in the order in which they are asked."""
    return sorted(_sources.values(), key=lambda one: (one.rank, one.name))


def source_named(name: str) -> Source | None:
    """The source of a name; None where the plugin is off or there never was one."""
    return _sources.get(name)


def title_of(name: str) -> str:
    """What people call a source, also where its plugin is switched off by now."""
    known: Any = _sources.get(name)
    return str(known.title) if known is not None else name


#: Types of products (slugs) that are money themselves: what is paid for them is what is had afterwards.
_money: set[str] = set()


def as_money(product_type: str) -> None:
    """Goods of a product type (slug) are money (recharges): no coupon takes anything off them."""
    _money.add(product_type)


def is_money(product_type: str) -> bool:
    """Whether goods of a product type are money themselves."""
    return product_type in _money


#: Types of products (slugs) that only a coupon lowers that names them, or their category.
_by_name: set[str] = set()


def only_by_name(product_type: str) -> None:
    """Goods of a product type (slug) are lowered by no coupon for everything, only by one that names them."""
    _by_name.add(product_type)


def is_only_by_name(product_type: str) -> bool:
    """Whether only coupons that name goods of a product type, or their category, lower them."""
    return product_type in _by_name
