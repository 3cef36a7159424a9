"""Reading coupons: a member's, and how they would do in a checkout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from saleor.product.models import Category

from plugins.channels.interfaces import channel_code_of
from plugins.members.interfaces import Member
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.ordering.interfaces import VOUCHER, Goods, choices_of, is_money, is_only_by_name

from .choices import CouponState
from .error_codes import CouponErrorCode as Code
from .errors import CouponError
from .models import Coupon
from .terms import Basket, Line, Terms, Wanted, apply, best, clash, terms_of

#: Read along with coupons, so that no scope is read one by one.
WITH_SCOPE = ("template__categories", "template__products", "template__sellers", "template__channels")
#: Names under which the member's price and the points are among the sources.
MEMBER_PRICE, POINTS = "member_price", "points"
#: Coupons of one member that are looked at in a checkout; more is no member's.
MOST_LOOKED_AT = 200


def own(user: Any) -> QuerySet[Coupon]:
    """A shopper's coupons; nobody's for nobody."""
    if not getattr(user, "is_authenticated", False):
        return Coupon.objects.none()
    return Coupon.objects.filter(member__user_id=user.pk)


def tab(rows: QuerySet[Coupon], state: str) -> QuerySet[Coupon]:
    """The coupons of a tab, by what they are now: one whose time is over is expired before the job says so."""
    moment = now()
    over = Q(state=CouponState.UNUSED, valid_until__lte=moment)
    if state == CouponState.UNUSED:
        return rows.filter(state=state, valid_until__gt=moment).order_by("valid_until", "pk")
    if state == CouponState.EXPIRED:
        return rows.filter(Q(state=state) | over)
    return rows.filter(state=state)


def basket_of(goods: Goods, scoped: Iterable[Terms]) -> Basket:
    """A checkout as the terms know it, without what is money itself: a recharge of 100 yuan costs 100.

    A statement for the categories above, only where a coupon is for some.
    """
    above = _above(goods) if any(one.categories is not None for one in scoped) else {}
    lines = [
        Line(
            key=line.key,
            product=line.variant.product_id,
            categories=above.get(line.variant.product.category_id, frozenset()),
            seller=line.seller,
            quantity=line.quantity,
            left=to_fen(line.left),
            on_sale=line.on_sale,
            member_price=MEMBER_PRICE in line.lowered_by,
            only_by_name=is_only_by_name(line.variant.product.product_type.slug),
        )
        for line in goods.lines
        if not is_money(line.variant.product.product_type.slug)
    ]
    voucher = any(VOUCHER in line.lowered_by for line in goods.lines) or bool(goods.checkout.voucher_code)
    points = bool(choices_of(goods.checkout).get(POINTS))
    return Basket(lines, to_fen(goods.shipping_left), voucher, points, channel_code_of(goods.checkout) or "")


def _above(goods: Goods) -> dict[int, frozenset[int]]:
    """Each category with those above it."""
    keys = {line.variant.product.category_id for line in goods.lines} - {None}
    own_ones = Category.tree.filter(pk__in=keys)
    chain = own_ones.get_ancestors(include_self=True).values_list("pk", "tree_id", "lft", "rght")
    rows = list(chain)
    places = {pk: (tree, left, right) for pk, tree, left, right in rows}
    return {
        key: frozenset(
            pk
            for pk, tree, left, right in rows
            if tree == places[key][0] and left <= places[key][1] and right >= places[key][2]
        )
        for key in keys
        if key in places
    }


def why_not(coupon: Coupon) -> CouponError | None:
    """Why a coupon cannot be used at all now; None where it can."""
    moment = now()
    told = {"title": coupon.template.name}
    if coupon.state == CouponState.LOCKED:
        return CouponError(Code.IN_USE, "deductions", _("“%(title)s”已用在另一张待付款的订单里") % told)
    if coupon.state == CouponState.USED:
        return CouponError(Code.USED, "deductions", _("“%(title)s”已经用过了") % told)
    if coupon.state == CouponState.VOID:
        return CouponError(Code.VOID, "deductions", _("“%(title)s”已作废") % told)
    if coupon.state == CouponState.EXPIRED or coupon.valid_until <= moment:
        return CouponError(Code.EXPIRED, "deductions", _("“%(title)s”已过期") % told)
    if coupon.valid_from > moment:
        return CouponError(Code.NOT_YET, "deductions", _("“%(title)s”还没到使用时间") % told)
    return None


@dataclass(slots=True)
class Offer:
    """A coupon in a checkout: what it would save by itself (fen), or why it cannot be used."""

    coupon: Coupon
    saves: int = 0
    refusal: CouponError | None = None


@dataclass(slots=True)
class Offers:
    """A member's coupons in a checkout: the usable ones, the others, and the numbers that save most (fen)."""

    usable: list[Offer] = field(default_factory=list)
    others: list[Offer] = field(default_factory=list)
    best: list[str] = field(default_factory=list)
    best_saves: int = 0


def offers_for(goods: Goods) -> Offers:
    """How a member's coupons would do in a checkout, as it is before any coupon.

    Six statements at most, whatever the number of coupons and lines; nothing for a guest.
    """
    if goods.user_id is None:
        return Offers()
    rows = tab(Coupon.objects.filter(member__user_id=goods.user_id), CouponState.UNUSED)
    coupons = list(rows.select_related("template").prefetch_related(*WITH_SCOPE)[:MOST_LOOKED_AT])
    wanted = {one.number: Wanted(one.number, one.template.name, terms_of(one.template)) for one in coupons}
    basket = basket_of(goods, [one.terms for one in wanted.values()])
    found = Offers()
    for coupon in coupons:
        one = wanted[coupon.number]
        refusal = why_not(coupon) or clash([one], basket)
        saves = 0
        if refusal is None:
            taken, refused = apply([one], basket)
            refusal = refused[0] if refused else None
            saves = sum(off.total for off in taken.values())
        (found.others if refusal else found.usable).append(Offer(coupon, saves, refusal))
    found.usable.sort(key=lambda offer: -offer.saves)
    good = [wanted[offer.coupon.number] for offer in sorted(found.usable, key=lambda o: o.coupon.valid_until)]
    found.best = best(good, basket)
    taken, _refused = apply([wanted[number] for number in found.best], basket)
    found.best_saves = sum(off.total for off in taken.values())
    return found


def members_coupons(member: Member, most: int = 50) -> Sequence[Coupon]:
    """The newest coupons of a member, for the staff's page."""
    return list(Coupon.objects.filter(member=member).select_related("template").order_by("-pk")[:most])
