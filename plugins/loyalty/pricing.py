"""What a member pays for goods: offers of several sources, of which the lowest counts, alone. Amounts in yuan.

An offer lowers the *ordinary* price, never one that was lowered already: a sale that is cheaper stands. This plugin's
own offers are those of the ladder (`ladder_offers`); others add theirs with `register_offers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from django.db.models import Q
from django.utils.translation import gettext as _
from saleor.product.models import ProductVariant

from plugins.members.interfaces import Member, MemberStatus
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import round_yuan
from saleor_o2o.ordering.interfaces import as_money

from .models import Level, MemberPrice, MemberPriceRule
from .services.packages import TYPE as RECHARGE_TYPE

WHOLE = (100, 0, 0)
#: Types of products (slugs) that are money or memberships themselves: no member price, no points for a discount.
_left_out: set[str] = {RECHARGE_TYPE}


@dataclass(frozen=True, slots=True)
class PricedGoods:
    """A variant as offers are made for it. `listed`: its ordinary price. `place`: of its category in the tree."""

    variant_id: int
    product_id: int
    listed: Decimal
    place: tuple[int, int, int] | None = None
    seller_id: int | None = None

    def depth_in(self, category: Any) -> int | None:
        """How near a category is that the goods are in (greater is nearer), 0 for None; None where they are not."""
        if category is None:
            return 0
        if self.place is None or category.tree_id != self.place[0]:
            return None
        inside = category.lft <= self.place[1] and category.rght >= self.place[2]
        return int(category.lft) + 1 if inside else None


@dataclass(frozen=True, slots=True)
class Offer:
    """A price for a member: of its own, or so many percent of the ordinary one.

    `reference` (40 characters at most) is the source's name of it, kept on the order's rows with `title` (80) and
    `bearers`: percents of the difference that platform, unit and merchant pay.
    """

    reference: str
    title: str
    price: Decimal | None = None
    percent: int | None = None
    bearers: tuple[int, int, int] = WHOLE

    def comes_to(self, listed: Decimal) -> Decimal:
        """The price of a piece; never more than the ordinary one."""
        price = self.price if self.price is not None else round_yuan(listed * (self.percent or 100) / 100)
        return min(price, listed)


@dataclass(frozen=True, slots=True)
class Best:
    """The lowest price of a piece that a member has, and the offer that gives it."""

    price: Decimal
    offer: Offer


#: For a member and goods, offers by variant key; a number of statements that does not depend on how many goods.
Offers = Callable[[Member, Sequence[PricedGoods]], Mapping[int, Sequence[Offer]]]
_sources: dict[str, Offers] = {}


def register_offers(name: str, offers: Offers) -> None:
    """Let a plugin offer prices to members; apps call it when they are ready. Raises ValueError for a name taken."""
    if name in _sources:
        raise ValueError(f"offers {name!r} are already registered")
    _sources[name] = offers


def leave_out(product_type: str) -> None:
    """Goods of a product type (slug) never have a member price, nor are they paid with points: cards, recharges."""
    _left_out.add(product_type)


def left_out(product_type: str) -> bool:
    """Whether goods of a product type are lowered by nothing that comes from membership."""
    return product_type in _left_out


def member_of(user_id: Any) -> Member | None:
    """The member who has prices, level along: in good standing. One statement; none for nobody."""
    if user_id is None:
        return None
    rows = Member.objects.filter(user_id=user_id, status=MemberStatus.ACTIVE)
    return rows.select_related("o2o_level__level").first()


def goods_of(variants: Iterable[int]) -> list[PricedGoods]:
    """Variants (by key) as offers are made for them, without those that are left out. One statement."""
    rows = ProductVariant.objects.filter(pk__in=list(variants)).values_list(
        "pk", "product_id", "price_override_amount", "product__price_amount", "product__category__tree_id",
        "product__category__lft", "product__category__rght", "product__o2o_seller__seller_id",
        "product__product_type__slug",
    )  # fmt: skip
    return [
        PricedGoods(
            pk, product, own if own is not None else price, (tree, left, right) if tree else None, seller
        )
        for pk, product, own, price, tree, left, right, seller, kind in rows.order_by("pk")
        if kind not in _left_out
    ]


def best_of(member: Member, goods: Sequence[PricedGoods]) -> dict[int, Best]:
    """The lowest price of each variant with an offer below its ordinary price; of two alike the earlier source's."""
    found: dict[int, Best] = {}
    listed = {one.variant_id: one.listed for one in goods}
    if not listed:
        return found
    for offers in _sources.values():
        for key, ones in offers(member, goods).items():
            for offer in ones:
                price = offer.comes_to(listed[key])
                if price < (found[key].price if key in found else listed[key]):
                    found[key] = Best(price, offer)
    return found


def ladder_offers(member: Member, goods: Sequence[PricedGoods]) -> dict[int, list[Offer]]:
    """What a member's level gives, and the levels below it. Three statements at most; one where nothing is offered."""
    stands = getattr(member, "o2o_level", None)
    rules = _in_force(MemberPriceRule).select_related("category", "level")
    prices = _in_force(MemberPrice).filter(variant__in=[one.variant_id for one in goods])
    found: dict[int, list[Offer]] = {}
    level = stands.level if stands is not None else Level.objects.order_by("rank").first()
    if level is None:
        return found
    known = list(rules.filter(level__rank__lte=level.rank))
    for one in goods:
        rule = rule_for(known, one)
        if rule is not None:
            title = _("%(level)s价") % {"level": rule.level.name}
            found[one.variant_id] = [
                Offer(f"rule:{rule.pk}", title, percent=rule.percent, bearers=rule.shares)
            ]
    for row in newest(prices.filter(level__rank__lte=level.rank).select_related("level"), _of_price):
        title = _("%(level)s专享价") % {"level": row.level.name}
        offer = Offer(f"price:{row.pk}", title, price=row.price, bearers=row.shares)
        found.setdefault(row.variant_id, []).append(offer)
    return found


def rule_for(rules: Iterable[MemberPriceRule], goods: PricedGoods) -> MemberPriceRule | None:
    """The rule that counts: of the nearest category, of each level the newest, of these the lowest."""
    near: dict[int, list[MemberPriceRule]] = {}
    for rule in newest(rules, _of_rule):
        depth = goods.depth_in(rule.category)
        if depth is not None and not (rule.own_goods and goods.seller_id is not None):
            near.setdefault(depth, []).append(rule)
    return min(near[max(near)], key=lambda rule: rule.percent) if near else None


class _Dated(Protocol):
    pk: Any


D = TypeVar("D", bound=_Dated)


def newest(rows: Iterable[D], what: Callable[[D], Any]) -> list[D]:
    """Of rows that come with the newest first, the first for each `what`: a later one replaces an earlier one."""
    found: dict[Any, D] = {}
    for row in rows:
        found.setdefault(what(row), row)
    return list(found.values())


def _of_rule(rule: MemberPriceRule) -> Any:
    return rule.level_id, rule.category_id, rule.own_goods


def _of_price(row: MemberPrice) -> Any:
    return row.variant_id, row.level_id


def _in_force(model: Any) -> Any:
    moment = now()
    counting = Q(valid_to__isnull=True) | Q(valid_to__gt=moment)
    return model.objects.filter(counting, valid_from__lte=moment).order_by("-valid_from", "-pk")


def install() -> None:
    """Register the ladder's own offers, and that recharges are money; called once when the app is ready."""
    as_money(RECHARGE_TYPE)
    register_offers("ladder", ladder_offers)
