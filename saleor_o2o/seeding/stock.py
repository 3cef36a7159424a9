"""Quantities: what lies in which warehouse, and a way to set it for tests and journeys."""

from __future__ import annotations

import zlib

from django.db import transaction
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Stock, Warehouse

from saleor_o2o.kernel.locks import lock_rows

from .catalogue import Produce

CITY_WAREHOUSE = "chongqing-city"


def quantities(item: Produce, sku: str, near: str) -> dict[str, int]:
    """How many packs lie in which warehouse: most in the city, some near the origin, never equally many.

    Between 80 and 359 in the city and 20 to 79 in the county's warehouse (if that is another), always the same.
    """
    chance = zlib.crc32(f"{item.slug}:{sku}".encode())
    return {near: 20 + chance // 280 % 60, CITY_WAREHOUSE: 80 + chance % 280}


def set_stock(sku: str, quantity: int) -> None:
    """Let exactly `quantity` of a variant lie in the city's warehouse and none elsewhere; allocations stay.

    Locks the variant's stock rows. Raises ``ProductVariant.DoesNotExist``.
    """
    with transaction.atomic():
        variant = ProductVariant.objects.get(sku=sku)
        city = Warehouse.objects.get(slug=CITY_WAREHOUSE)
        Stock.objects.get_or_create(warehouse=city, product_variant=variant)
        rows = lock_rows(Stock.objects.filter(product_variant=variant))
        for row in rows:
            row.quantity = quantity if row.warehouse_id == city.pk else 0
        Stock.objects.bulk_update(rows, ["quantity"])
