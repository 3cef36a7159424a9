"""What all sources together take off a checkout. Nothing is locked and nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Q
from saleor.checkout import calculations
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.discount import VoucherType
from saleor.discount.models import Voucher
from saleor.product.models import Product

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import to_fen, to_yuan

from ..models import SellerProduct
from ..splitting import LineFact, split_order
from .choosing import choices_of
from .sources import NOTHING, VOUCHER, Deduction, Goods, GoodsLine, Offered, Source, Teller, sources

#: Where a checkout's row remembers what was reckoned of it, with what it was reckoned from.
_KEPT = "_o2o_deductions"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one source takes off."""

    source: Source
    deduction: Deduction


@dataclass(frozen=True, slots=True)
class Reckoning:
    """All that is taken off a checkout, in order; what was chosen and does not count; what is left of the lines.

    `offers`: what could be chosen, by the source's name, where it was asked for.
    """

    taken: tuple[Taken, ...] = ()
    refusals: tuple[DomainError, ...] = ()
    goods: Goods | None = None
    offers: Mapping[str, Sequence[Offered]] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """Yuan."""
        return sum((one.deduction.amount for one in self.taken), NOTHING)


NONE = Reckoning()


def asking(checkout: Checkout) -> list[Source]:
    """The sources that have something to say of a checkout; none for most, without a statement."""
    chosen = choices_of(checkout)
    return [
        one for one in sources() if one.name in chosen or (one.always is not None and one.always(checkout))
    ]


def deductions_of(checkout: Checkout, lines: Iterable[CheckoutLine], discounts: Any) -> Reckoning:
    """What the sources take off a checkout now, for showing.

    No statement where no source is asked; reckoned once for a row as long as lines, choice, method and voucher stay.
    """
    if not (asked := asking(checkout)):
        return NONE
    lines = list(lines)
    state = _state(checkout, lines)
    kept = checkout.__dict__.get(_KEPT)
    if kept is not None and kept[0] == state:
        found: Reckoning = kept[1]
        return found
    return reckon(checkout, lines, discounts, asked, final=False)


def reckon(
    checkout: Checkout, lines: Sequence[CheckoutLine], discounts: Any, asked: Sequence[Source], *, final: bool
) -> Reckoning:
    """Ask the sources in their order, each for what is left. `final`: under their locks (see `Source`).

    The answer is remembered on the row: the totals that are looked at after it are made of the same figures.
    """
    found = ask_sources(goods_of(checkout, lines, discounts), asked, final=final)
    checkout.__dict__[_KEPT] = (_state(checkout, lines), found)
    return found


def ask_sources(
    goods: Goods, asked: Sequence[Source] | None = None, *, final: bool = False, offering: bool = False
) -> Reckoning:
    """Ask sources (None: those that have something to say of the checkout) for goods that were priced elsewhere.

    `offering`: and what could be chosen of all that offer something. `final` as in `reckon`.
    """
    wanted = asking(goods.checkout) if asked is None else asked
    offers: dict[str, Sequence[Offered]] = {}
    taken: list[Taken] = []
    refusals: list[DomainError] = []
    alone: set[int] = set()
    chosen = choices_of(goods.checkout)
    for source in sources() if offering else wanted:
        shown = replace(goods, lines=tuple(one for one in goods.lines if one.key not in alone))
        if offering and source.offers is not None:
            offers[source.name] = source.offers(shown)
        if source not in wanted:
            continue
        answer = source.reckon(shown, chosen.get(source.name, ()), final)
        refusals += answer.refusals
        for deduction in answer.deductions:
            goods = _less(goods, source.name, deduction)
            if deduction.alone:
                alone |= deduction.lines.keys()
            if deduction.amount:
                taken.append(Taken(source, deduction))
    return Reckoning(tuple(taken), tuple(refusals), goods, offers)


def _state(checkout: Checkout, lines: Sequence[CheckoutLine]) -> Any:
    wanted = tuple((line.variant_id, line.quantity) for line in lines)
    chosen = tuple((name, tuple(values)) for name, values in sorted(choices_of(checkout).items()))
    return wanted, chosen, checkout.shipping_method_id, checkout.voucher_code, checkout.discount_amount


def _less(goods: Goods, source: str, deduction: Deduction) -> Goods:
    """The goods after a deduction. Raises ValueError for one that takes more than is left: a mistake in the source."""
    known = {line.key for line in goods.lines}
    amounts = [*deduction.lines.values(), deduction.shipping]
    if not deduction.lines.keys() <= known or any(to_fen(amount) < 0 for amount in amounts):
        raise ValueError(f"source {source!r} takes what is not there")
    lines = tuple(
        replace(
            line,
            left=line.left - deduction.lines[line.key],
            lowered_by=line.lowered_by | {source},
        )
        if deduction.lines.get(line.key)
        else line
        for line in goods.lines
    )
    shipping_left = goods.shipping_left - deduction.shipping
    if shipping_left < 0 or any(line.left < 0 for line in lines):
        raise ValueError(f"source {source!r} takes more than is left")
    return replace(goods, lines=lines, shipping_left=shipping_left)


def goods_of(checkout: Checkout, lines: Sequence[CheckoutLine], discounts: Any) -> Goods:
    """A checkout as sources see it, before any of them.

    A statement for the sellers where they have not been read along, and two for a voucher.
    """
    amounts = [_gross(calculations.checkout_line_total(line=one, discounts=discounts)) for one in lines]
    shipping = _gross(
        calculations.checkout_shipping_price(checkout=checkout, lines=lines, discounts=discounts)
    )
    return goods_priced(checkout, lines, amounts, shipping, _voucher(checkout, lines, amounts, shipping))


def goods_priced(
    checkout: Checkout,
    lines: Sequence[CheckoutLine],
    amounts: Sequence[Decimal],
    shipping: Decimal,
    lowered: tuple[Sequence[Decimal], Decimal],
    teller: Teller | None = None,
) -> Goods:
    """Goods at prices that are known: `amounts` of all pieces of each line, what lines and freight are `lowered` by.

    Yuan. A statement for the sellers where they have not been read along.
    """
    off, off_shipping = lowered
    sellers = _sellers(lines)
    found = []
    for key, (line, amount) in enumerate(zip(lines, amounts, strict=True)):
        found.append(
            GoodsLine(
                key=key,
                variant=line.variant,
                quantity=line.quantity,
                amount=amount,
                left=amount - off[key],
                on_sale=amount < line.variant.base_price.amount * line.quantity,
                seller=sellers.get(line.variant.product_id),
                lowered_by=frozenset({VOUCHER}) if off[key] else frozenset(),
            )
        )
    return Goods(checkout, tuple(found), shipping, shipping - off_shipping, teller)


def spread(amounts: Sequence[Decimal], whole: Decimal) -> list[Decimal]:
    """A discount for all goods, divided over lines as the order will divide it. Yuan, exact."""
    if not whole:
        return [NOTHING] * len(amounts)
    facts = [LineFact(key, 1, to_fen(amount)) for key, amount in enumerate(amounts)]
    left = to_fen(sum(amounts, NOTHING) - whole)
    (part,) = split_order(facts, shipping=0, discount=to_fen(whole), total=left)
    off = {line.key: to_yuan(line.discount) for line in part.lines}
    return [off[key] for key in range(len(amounts))]


def _sellers(lines: Sequence[CheckoutLine]) -> dict[int, int]:
    """Whose the products are, where they are not our own."""
    products = {line.variant.product_id: line.variant.product for line in lines}
    known = {pk: one._state.fields_cache.get("o2o_seller", ...) for pk, one in products.items()}
    missing = [pk for pk, seller in known.items() if seller is ...]
    rows = SellerProduct.objects.filter(product_id__in=missing) if missing else ()
    found = {pk: seller.seller_id for pk, seller in known.items() if isinstance(seller, SellerProduct)}
    return found | {row.product_id: row.seller_id for row in rows}


def _gross(taxed: Any) -> Decimal:
    amount: Decimal = taxed.gross.amount
    return amount


def _voucher(
    checkout: Checkout, lines: Sequence[CheckoutLine], amounts: Sequence[Decimal], shipping: Decimal
) -> tuple[list[Decimal], Decimal]:
    """What the checkout's voucher takes off each line and off the freight, divided as the order will divide it."""
    whole = min(checkout.discount_amount, sum(amounts, shipping))
    if not checkout.voucher_code or not whole:
        return [NOTHING] * len(lines), NOTHING
    voucher = Voucher.objects.filter(code=checkout.voucher_code).first()
    meant = set(range(len(lines)))
    if voucher is not None and voucher.type == VoucherType.SPECIFIC_PRODUCT:
        on = Q(voucher=voucher) | Q(category__voucher=voucher) | Q(collections__voucher=voucher)
        wanted = {line.variant.product_id for line in lines}
        named = set(Product.objects.filter(on, pk__in=wanted).order_by().values_list("pk", flat=True))
        meant = {key for key, line in enumerate(lines) if line.variant.product_id in named} or meant
    facts = [LineFact(key, 1, to_fen(amount), discounted=key in meant) for key, amount in enumerate(amounts)]
    left = to_fen(sum(amounts, shipping) - whole)
    (part,) = split_order(
        facts,
        shipping=to_fen(shipping),
        discount=to_fen(whole),
        total=left,
        on_shipping=voucher is not None and voucher.type == VoucherType.SHIPPING,
    )
    off = {line.key: to_yuan(line.discount) for line in part.lines}
    return [off[key] for key in range(len(lines))], to_yuan(part.shipping_discount)
