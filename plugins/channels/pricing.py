"""The channel noted on a checkout, and the owner's own price of what is bought there.

The price of the platform stands unless the checkout belongs to an open shop that offers the goods. Then the owner's
price counts, moved into the band as it is now; a sale of the platform that is cheaper still counts for the shopper.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from .models import PoolGoods, ShopGoods
from .types import OPEN

#: Where a checkout, and then its order, remembers the channel (private metadata: placing copies it to the order).
CHANNEL_KEY = "o2o.channel"
_KEPT = "_o2o_shop_prices"


def channel_code_of(row: Any) -> str:
    """The channel that a checkout or an order was noted for; empty without one."""
    return str((row.private_metadata or {}).get(CHANNEL_KEY) or "")


def list_price(variant: Any) -> Decimal:
    """The platform's price of a variant in yuan, without sales."""
    amount: Decimal | None = variant.price_override_amount
    return amount if amount is not None else variant.product.price_amount


def into_band(goods: PoolGoods, amount: Decimal) -> Decimal:
    """The nearest price within the band."""
    return min(max(amount, goods.floor), goods.ceiling)


def price_in_shop(offer: ShopGoods, variant: Any, discounts: Any = ()) -> Decimal:
    """What one unit costs in the shop, in yuan."""
    own = into_band(offer.goods, offer.price)
    platform: Decimal = variant.get_price(discounts or []).amount
    return min(own, platform) if platform < list_price(variant) else own


def shop_prices(channel: Any, variants: Iterable[Any], discounts: Any = ()) -> dict[int, Decimal]:
    """What a unit of each variant costs in the channel's shop, in yuan by the variant's key; only what is on offer.

    One statement, for variants that come with product and collections.
    """
    by_key = {variant.pk: variant for variant in variants}
    rows = ShopGoods.objects.select_related("goods").filter(
        shop__channel=channel, is_active=True, goods__is_active=True, goods__variant__in=list(by_key)
    )
    return {row.goods.variant_id: price_in_shop(row, by_key[row.goods.variant_id], discounts) for row in rows}


def own_price(line: Any, discounts: Any = ()) -> Decimal | None:
    """The unit price in yuan of a checkout line in its shop; None where the platform's stands.

    No statement for a checkout without a shop whose row is loaded; one per checkout object otherwise.
    """
    code = channel_code_of(line.checkout)
    if not code:
        return None
    offer = _offers(line.checkout, code).get(line.variant_id)
    return price_in_shop(offer, line.variant, discounts) if offer is not None else None


def at_own_prices(checkout: Any) -> frozenset[int]:
    """Keys of the variants that the checkout's shop sells at its owner's price. Statements as `own_price`."""
    code = channel_code_of(checkout)
    return frozenset(_offers(checkout, code)) if code else frozenset()


def _offers(checkout: Any, code: str) -> dict[int, ShopGoods]:
    kept = getattr(checkout, _KEPT, None)
    if kept is None or kept[0] != code:
        rows = ShopGoods.objects.select_related("goods").filter(
            shop__channel__code=code, shop__channel__status__in=OPEN, is_active=True, goods__is_active=True
        )
        kept = (code, {row.goods.variant_id: row for row in rows})
        setattr(checkout, _KEPT, kept)
    return kept[1]
