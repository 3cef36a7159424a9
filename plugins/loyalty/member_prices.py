"""Member prices as the first source of deductions, and as they stand on shelves.

Nothing is scarce here: no row is locked. What was charged is what held when the order was written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.product.models import ProductVariant

from plugins.channels.interfaces import at_own_prices
from saleor_o2o.kernel.money import round_yuan
from saleor_o2o.ordering.interfaces import (
    MEMBER_PRICE,
    Answer,
    Deduction,
    Goods,
    OrderDeduction,
    Source,
    register_deductions,
)

from .pricing import Best, Offer, best_of, goods_of, member_of

NAME = "member_price"


def install() -> None:
    """Register; called once when the app is ready."""
    register_deductions(Source(NAME, _("会员价"), MEMBER_PRICE, reckon, _keep, _release, always=_is_for))


def reckon(goods: Goods, _chosen: Sequence[str], _final: bool) -> Answer:
    """The difference between what the shop asks for each line and the member's own price, where that is lower.

    Goods at the price of a shop's owner are his affair. Six statements at most, whatever the number of lines.
    """
    member = member_of(goods.user_id)
    if member is None:
        return Answer()
    owners = at_own_prices(goods.checkout)
    wanted = {line.variant.pk for line in goods.lines} - owners
    best = best_of(member, goods_of(wanted))
    taken: dict[str, tuple[Offer, dict[int, Decimal]]] = {}
    for line in goods.lines:
        found = best.get(line.variant.pk)
        if found is None:
            continue
        off = min(line.amount - found.price * line.quantity, line.left)
        if off > 0:
            taken.setdefault(found.offer.reference, (found.offer, {}))[1][line.key] = off
    return Answer([
        Deduction(reference, offer.title, lines, bearers=offer.bearers)
        for reference, (offer, lines) in taken.items()
    ])  # fmt: skip


def shown(user: Any, variants: Iterable[int], discounts: Any) -> dict[int, Best]:
    """The user's own prices of variants (by key), only those below what the shop asks of everybody today.

    For lists: seven statements at most, whatever the number of variants; none for visitors.
    """
    member = member_of(user.pk) if getattr(user, "is_authenticated", False) else None
    if member is None:
        return {}
    best = best_of(member, goods_of(variants))
    if not best or not discounts:
        return best
    rows = ProductVariant.objects.filter(pk__in=best).select_related("product")
    asked = {row.pk: row.get_price(discounts).amount for row in rows.prefetch_related("product__collections")}
    return {key: found for key, found in best.items() if found.price < round_yuan(asked[key])}


def shown_of_products(user: Any, products: Sequence[int], discounts: Any) -> dict[int, Best]:
    """The lowest of the user's own prices of each product's variants. One statement more than `shown`."""
    if not getattr(user, "is_authenticated", False):
        return {}
    pairs = list(ProductVariant.objects.filter(product_id__in=list(products)).values_list("pk", "product_id"))
    found = shown(user, [pk for pk, _product in pairs], discounts)
    by_product: dict[int, list[Best]] = defaultdict(list)
    for pk, product in pairs:
        if pk in found:
            by_product[product].append(found[pk])
    return {key: min(ones, key=lambda one: one.price) for key, ones in by_product.items()}


def _is_for(checkout: Checkout) -> bool:
    return checkout.user_id is not None


def _keep(_order: Order, _rows: Sequence[OrderDeduction]) -> None:
    """Nothing: what it costs whom is written when the order is paid (`services.bearing`)."""


def _release(_order: Order) -> None:
    """Nothing was held."""
