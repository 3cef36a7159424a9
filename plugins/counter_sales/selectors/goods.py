"""Finding goods as a clerk types them: name, pinyin, initials, SKU, bar code; with price and what is left."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import F, Q, Sum
from pypinyin import Style, lazy_pinyin
from saleor.discount.utils import fetch_discounts
from saleor.product.models import Product, ProductVariant
from saleor.product.templatetags.product_images import get_product_image_thumbnail
from saleor.warehouse.models import Allocation, Stock, Warehouse

from plugins.channels.interfaces import Channel, offers_of, shop_prices
from saleor_o2o.kernel.clock import now

from ..models import GoodsName

#: Rows that the search shows at most.
FOUND = 12
#: Where a variant's bar code is kept (Saleor's metadata), besides the SKU.
BARCODE = "barcode"
_LATIN = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Goods:
    """A variant as the workbench shows it. Prices in yuan; `left` is None where stock is not counted."""

    variant: ProductVariant
    name: str
    spec: str
    price: Decimal
    list_price: Decimal
    left: int | None
    is_shop_price: bool = False
    image: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "id": self.variant.pk,
            "sku": self.variant.sku,
            "name": self.name,
            "spec": self.spec,
            "price": str(self.price),
            "listPrice": str(self.list_price),
            "left": self.left,
            "shopPrice": self.is_shop_price,
        }


def search_goods(phrase: str, shop: Channel | None = None) -> list[Goods]:
    """Up to twelve variants on sale that match, exact SKU or bar code first, at a shop's prices where one is named.

    Seven statements whatever is found; one more for a shop.
    """
    phrase = phrase.strip()
    if not phrase:
        return []
    on_sale = ProductVariant.objects.filter(_published(), product__in=Product.objects.filter(_named(phrase)))
    exact = ProductVariant.objects.filter(
        _published(), Q(sku__iexact=phrase) | Q(metadata__contains={BARCODE: phrase})
    )
    started = ProductVariant.objects.filter(_published(), sku__istartswith=phrase)
    order = ("product__name", "pk")
    keys: dict[int, None] = {}
    for rows in (exact, started, on_sale):
        for key in rows.order_by(*order).values_list("pk", flat=True)[:FOUND]:
            keys.setdefault(key)
    return goods_of(list(keys)[:FOUND], shop)


def goods_of(variant_ids: Iterable[int], shop: Channel | None = None) -> list[Goods]:
    """These variants with price and stock, in the order given; those that are not on sale are left out.

    What the shop has on offer costs what it costs there (:func:`plugins.channels.pricing.price_in_shop`).
    """
    wanted = list(variant_ids)
    rows = (
        ProductVariant.objects.filter(_published(), pk__in=wanted)
        .select_related("product__product_type", "product__category")
        .prefetch_related("product__collections")
        .in_bulk()
    )
    left = stock_left(rows)
    discounts = fetch_discounts(now())
    own = shop_prices(shop, rows.values(), discounts) if shop is not None else {}
    found = []
    for pk in wanted:
        variant = rows.get(pk)
        if variant is None:
            continue
        found.append(
            Goods(
                variant,
                variant.product.name,
                variant.name if variant.name != variant.sku else "",
                own[pk] if pk in own else variant.get_price(discounts).amount,
                variant.get_price().amount,
                left.get(pk, 0) if variant.track_inventory else None,
                pk in own,
            )
        )
    return found


def goods_on_offer(shop: Channel) -> list[Goods]:
    """What a shop has on offer, in its order, with pictures, at its prices: six statements whatever their number."""
    page = getattr(shop, "shop", None)
    if page is None:
        return []
    offers = offers_of(page, fetch_discounts(now()))
    left = stock_left([one.variant.pk for one in offers])
    return [
        Goods(
            one.variant,
            one.product.name,
            one.variant.name if one.variant.name != one.variant.sku else "",
            one.price,
            one.list_price,
            left.get(one.variant.pk, 0) if one.variant.track_inventory else None,
            True,
            get_product_image_thumbnail(one.image, 255, method="thumbnail") if one.image is not None else "",
        )
        for one in offers
    ]


def stock_left(variant_ids: Iterable[int], country: str = "") -> dict[int, int]:
    """What is left to sell of each variant in the country's warehouses. Two statements; not for selling."""
    keys = list(variant_ids)
    zones = Warehouse.objects.filter(
        shipping_zones__countries__contains=country or settings.DEFAULT_COUNTRY
    ).values("pk")
    stocks = Stock.objects.filter(product_variant__in=keys, warehouse__in=zones).order_by()
    left: dict[int, int] = defaultdict(int)
    for pk, quantity in stocks.values_list("product_variant").annotate(Sum("quantity")):
        left[pk] += quantity
    promised = Allocation.objects.filter(stock__in=stocks, quantity_allocated__gt=0).order_by()
    for pk, quantity in promised.values_list("stock__product_variant").annotate(Sum("quantity_allocated")):
        left[pk] -= quantity
    return {pk: max(quantity, 0) for pk, quantity in left.items()}


def _published() -> Q:
    return Q(product__is_published=True) & (
        Q(product__publication_date__isnull=True) | Q(product__publication_date__lte=now().date())
    )


def _named(phrase: str) -> Q:
    found = Q()
    for word in phrase.split()[:6]:
        part = Q(name__icontains=word)
        if _LATIN.fullmatch(word):
            typed = word.lower()
            part |= Q(o2o_goods_name__initials__contains=typed) | Q(o2o_goods_name__pinyin__contains=typed)
        found &= part
    return found


def refresh_names(limit: int = 2000) -> int:
    """Write the pinyin of products that have none or were renamed; returns how many."""
    stale = Product.objects.filter(
        Q(o2o_goods_name__isnull=True) | ~Q(o2o_goods_name__source=F("name"))
    ).values_list("pk", "name")[:limit]
    rows = [GoodsName(product_id=pk, source=name, **_spelt(name)) for pk, name in stale]
    GoodsName.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["product"],
        update_fields=["source", "pinyin", "initials"],
    )
    return len(rows)


def _spelt(name: str) -> dict[str, str]:
    return {
        "pinyin": "".join(lazy_pinyin(name)).lower()[:1000],
        "initials": "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:250],
    }
