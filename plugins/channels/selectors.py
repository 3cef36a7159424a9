"""Reading channels: for shoppers, for pages, for reports."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.numbering import InvalidNumber, clean_code

from .errors import ChannelError, ChannelErrorCode
from .models import Channel, ChannelDay, PoolGoods, Shop, ShopGoods
from .pricing import list_price, price_in_shop
from .types import OPEN


def channel_of_code(code: str) -> Channel | None:
    """A channel by its code as typed, whatever its state; with unit and shop in the same statement."""
    try:
        cleaned = clean_code(code)
    except InvalidNumber:
        return None
    return Channel.objects.select_related("unit", "shop").filter(code=cleaned).first()


def open_channel(code: str) -> Channel:
    """A channel that sells, by its code. Raises ChannelError SHOP_CLOSED."""
    channel = channel_of_code(code)
    if channel is None or not channel.is_open:
        raise ChannelError(
            ChannelErrorCode.SHOP_CLOSED, _("店铺不存在或暂停营业"), "shop_code", _("请核对店铺码")
        )
    return channel


@dataclass(frozen=True, slots=True)
class Offer:
    """Goods of a shop as a shopper sees them. `price` is what is paid, `list_price` the platform's, in yuan."""

    goods: ShopGoods
    variant: Any
    product: Any
    image: Any
    price: Decimal
    list_price: Decimal


def shop_of_code(code: str) -> Shop | None:
    """The open shop behind a code, or None."""
    channel = channel_of_code(code)
    if channel is None or not channel.is_open:
        return None
    return getattr(channel, "shop", None)


def offers_of(shop: Shop, discounts: Any = ()) -> list[Offer]:
    """The goods on offer that can be bought, in the shop's order: four statements whatever their number."""
    rows = (
        ShopGoods.objects.filter(
            shop=shop, is_active=True, goods__is_active=True, goods__variant__product__is_published=True
        )
        .select_related("goods__variant__product")
        .prefetch_related("goods__variant__product__images", "goods__variant__product__collections")
        .order_by("position", "pk")
    )
    found = []
    for row in rows:
        variant = row.goods.variant
        product = variant.product
        if not product.is_visible:
            continue
        image = next(iter(product.images.all()), None)
        found.append(
            Offer(row, variant, product, image, price_in_shop(row, variant, discounts), list_price(variant))
        )
    return found


def count_visit(channel: Channel) -> None:
    """Count one opening of the channel's page. One statement; the row of the day is the only lock."""
    day = today()
    counted = ChannelDay.objects.filter(channel=channel, day=day).update(visits=F("visits") + 1)
    if counted:
        return
    ChannelDay.objects.bulk_create([ChannelDay(channel=channel, day=day, visits=0)], ignore_conflicts=True)
    ChannelDay.objects.filter(channel=channel, day=day).update(visits=F("visits") + 1)


def open_channels() -> Any:
    """All channels that sell."""
    return Channel.objects.filter(status__in=OPEN)


def own_channel(user: Any, code: str) -> Channel | None:
    """The channel of an owner who is logged in, with its shop."""
    if not user.is_authenticated:
        return None
    channel = channel_of_code(code)
    return channel if channel is not None and channel.owner_user_id == user.pk else None


def pool_of_variants(keys: list[int]) -> dict[int, int]:
    """Goods of the pool by the variant's key."""
    return dict(PoolGoods.objects.filter(variant_id__in=keys).values_list("variant_id", "pk"))
