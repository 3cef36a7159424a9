"""What coupons take off a basket: pure arithmetic in fen, no statement. The rules, in this order:

- eligible are the lines of the coupon's scope (memberships only where it names them or their category); not those on
  sale or at a member's price where it does not go with them;
- the threshold is against what the eligible lines cost before any coupon of this order (after sales and member prices);
- what it takes comes off what is left of the eligible lines, in proportion; a freight coupon's off the freight;
- exchanged pieces are the dearest ones;
- coupons are applied in the order exchange, amount, percent, freight: a discount is of what is left to pay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.utils.translation import gettext as _

from saleor_o2o.kernel.money import format_yuan, split_fen, to_yuan

from .choices import Kind, Stacking
from .error_codes import CouponErrorCode as Code
from .errors import CouponError

#: So many coupons go into one order.
MOST = 3
#: So many kinds of coupons are combined when the best is looked for; the rest are worth less by themselves.
MOST_KINDS = 8
_ORDER = [Kind.EXCHANGE, Kind.AMOUNT, Kind.PERCENT, Kind.SHIPPING]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a basket; `left` in fen is what is left to pay of it before any coupon."""

    key: int
    product: int
    categories: frozenset[int]
    seller: int | None
    quantity: int
    left: int
    on_sale: bool = False
    member_price: bool = False
    only_by_name: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coupon promises; money in fen, `rate` in thousandths of the price that remain to be paid."""

    template: int
    kind: str
    threshold: int = 0
    amount: int = 0
    rate: int = 1000
    most_off: int | None = None
    pieces: int = 0
    products: frozenset[int] | None = None
    categories: frozenset[int] | None = None
    sellers: frozenset[int] | None = None
    channels: frozenset[str] = frozenset()
    with_sale: bool = True
    with_member_price: bool = True
    with_voucher: bool = True
    with_points: bool = True
    alone: bool = True

    def covers(self, line: Line) -> bool:
        """Whether a line is of its scope and may be lowered by it."""
        return (
            (self.products is None or line.product in self.products)
            and (self.categories is None or bool(self.categories & line.categories))
            and (self.sellers is None or line.seller in self.sellers)
            and (not line.only_by_name or self.products is not None or self.categories is not None)
            and (self.with_sale or not line.on_sale)
            and (self.with_member_price or not line.member_price)
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A coupon that somebody means to use: its number, its name, its terms."""

    number: str
    title: str
    terms: Terms


@dataclass(slots=True)
class Basket:
    """What coupons are used on; `shipping` in fen is what is left of the freight."""

    lines: Sequence[Line]
    shipping: int = 0
    voucher: bool = False
    points: bool = False
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Off:
    """What a coupon takes, in fen: by line, and of the freight."""

    lines: Mapping[int, int] = field(default_factory=dict)
    shipping: int = 0

    @property
    def total(self) -> int:
        return sum(self.lines.values()) + self.shipping


def terms_of(template: Any) -> Terms:
    """The terms of a template whose scope has been read along (`selectors.WITH_SCOPE`)."""

    def keys(name: str) -> frozenset[int] | None:
        return frozenset(one.pk for one in getattr(template, name).all()) if template.scope == name else None

    return Terms(
        template=template.pk,
        kind=template.kind,
        threshold=int(template.threshold * 100),
        amount=int((template.amount or 0) * 100),
        rate=int((template.rate if template.rate is not None else 1) * 1000),
        most_off=int(template.most_off * 100) if template.most_off is not None else None,
        pieces=template.pieces or 0,
        products=keys("products"),
        categories=keys("categories"),
        sellers=keys("sellers"),
        channels=frozenset(one.code for one in template.channels.all()),
        with_sale=template.with_sale,
        with_member_price=template.with_member_price,
        with_voucher=template.with_voucher,
        with_points=template.with_points,
        alone=template.stacking == Stacking.ALONE,
    )


def in_order(coupons: Iterable[Wanted]) -> list[Wanted]:
    """The order in which they are applied."""
    return sorted(coupons, key=lambda one: (_ORDER.index(Kind(one.terms.kind)), one.number))


def clash(coupons: Sequence[Wanted], basket: Basket) -> CouponError | None:
    """Why these do not go together in this basket; None where they do."""
    if len(coupons) > MOST:
        return CouponError(
            Code.NOT_STACKABLE, "deductions", _("一张订单最多用 %(count)s 张优惠券") % {"count": MOST}
        )
    if len({one.terms.template for one in coupons}) < len(coupons):
        return CouponError(Code.NOT_STACKABLE, "deductions", _("同一种优惠券一张订单只能用一张"))
    for one in coupons:
        if one.terms.alone and len(coupons) > 1:
            what = _("“%(title)s”不能与其他优惠券同用")
        elif basket.voucher and not one.terms.with_voucher:
            what = _("“%(title)s”不能与优惠码同用")
        elif basket.points and not one.terms.with_points:
            what = _("“%(title)s”不能与积分抵扣同用")
        else:
            continue
        return CouponError(Code.NOT_STACKABLE, "deductions", what % {"title": one.title})
    return None


def apply(coupons: Sequence[Wanted], basket: Basket) -> tuple[dict[str, Off], list[CouponError]]:
    """What each takes, one after the other, and why some take nothing. The caller has seen that they do not clash."""
    left = {line.key: line.left for line in basket.lines}
    shipping = basket.shipping
    taken: dict[str, Off] = {}
    refused: list[CouponError] = []
    for one in in_order(coupons):
        try:
            off = _take(one, basket, left, shipping)
        except CouponError as refusal:
            refused.append(refusal)
            continue
        for key, amount in off.lines.items():
            left[key] -= amount
        shipping -= off.shipping
        taken[one.number] = off
    return taken, refused


def _take(one: Wanted, basket: Basket, left: Mapping[int, int], shipping: int) -> Off:
    """Raises CouponError NOT_APPLICABLE, NOT_ENOUGH, NO_FREIGHT."""
    terms = one.terms
    lines = [line for line in basket.lines if terms.covers(line)]
    if terms.channels and basket.channel not in terms.channels:
        raise CouponError(
            Code.NOT_APPLICABLE, "deductions", _("“%(title)s”只能在指定渠道使用") % {"title": one.title}
        )
    if not lines:
        raise CouponError(
            Code.NOT_APPLICABLE, "deductions", _("“%(title)s”不适用于这些商品") % {"title": one.title}
        )
    worth = sum(line.left for line in lines)
    if worth < terms.threshold:
        told = {"title": one.title, "more": format_yuan(to_yuan(terms.threshold - worth))}
        raise CouponError(Code.NOT_ENOUGH, "deductions", _("“%(title)s”还差 %(more)s 可用") % told)
    if terms.kind == Kind.SHIPPING:
        if not shipping:
            raise CouponError(
                Code.NO_FREIGHT, "deductions", _("“%(title)s”：没有运费可抵") % {"title": one.title}
            )
        return Off(shipping=shipping if terms.most_off is None else min(shipping, terms.most_off))
    rest = {line.key: left[line.key] for line in lines}
    if terms.kind == Kind.EXCHANGE:
        off = _exchange(lines, rest, terms.pieces)
    else:
        whole = sum(rest.values())
        if terms.kind == Kind.AMOUNT:
            wanted = terms.amount
        else:
            # half a fen is the shopper's
            wanted = (whole * (1000 - terms.rate) + 500) // 1000
            wanted = wanted if terms.most_off is None else min(wanted, terms.most_off)
        shares = split_fen(min(wanted, whole), list(rest.values())) if whole else [0] * len(rest)
        off = dict(zip(rest, shares, strict=True))
    off = {key: amount for key, amount in off.items() if amount}
    if not off:
        raise CouponError(
            Code.NOT_APPLICABLE, "deductions", _("“%(title)s”没有可以抵扣的金额") % {"title": one.title}
        )
    return Off(off)


def _exchange(lines: Sequence[Line], rest: Mapping[int, int], pieces: int) -> dict[int, int]:
    """Whole pieces, the dearest first; a piece of a line is its share of what is left of the line, fen downwards."""
    off: dict[int, int] = {}
    for line in sorted(lines, key=lambda one: (-rest[one.key] / one.quantity, one.key)):
        taken = min(pieces, line.quantity)
        if not taken:
            break
        pieces -= taken
        off[line.key] = rest[line.key] * taken // line.quantity
    return off


def best(coupons: Sequence[Wanted], basket: Basket) -> list[str]:
    """The numbers of the coupons that together save most; of equal savings the fewest, then those given first.

    `coupons` stand in the order in which they should be used up (the next to expire first). One of a template counts.
    """
    of_template: dict[int, Wanted] = {}
    for one in coupons:
        of_template.setdefault(one.terms.template, one)
    rated = [(_saving([one], basket), one) for one in of_template.values()]
    rated = sorted((one for one in rated if one[0]), key=lambda one: -one[0])
    kept = [one for _saved, one in rated[:1] + [two for two in rated[1:] if not two[1].terms.alone]][
        :MOST_KINDS
    ]
    found: tuple[int, int, list[str]] = (0, 0, [])
    for count in range(1, MOST + 1):
        for group in combinations(kept, count):
            saved = _saving(group, basket)
            if (saved, -count) > found[:2] and saved:
                found = (saved, -count, [one.number for one in in_order(group)])
    return found[2]


def _saving(group: Sequence[Wanted], basket: Basket) -> int:
    """What a combination saves, in fen; nothing where it does not go, or one of it takes nothing."""
    if clash(group, basket) is not None:
        return 0
    taken, refused = apply(group, basket)
    return 0 if refused else sum(one.total for one in taken.values())
