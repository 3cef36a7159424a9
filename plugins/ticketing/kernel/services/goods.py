"""The goods by which tickets are sold: not shown, never counted, their price is the hold's."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from prices import Money
from saleor.product.models import Category, Product, ProductType, ProductVariant
from saleor.warehouse.models import Stock, Warehouse

from saleor_o2o.ordering.interfaces import BusinessLine, DeliveryMode
from saleor_o2o.ordering.models import ProductTypeLine

from ..choices import Trade

INSURANCE, CHANGE = "insurance", "change"
#: Product types by trade; insurances are goods of their own.
TYPES = {
    Trade.COACH.value: ("coach-ticket", "汽车票", BusinessLine.COACH),
    Trade.SCENIC.value: ("admission-ticket", "门票", BusinessLine.TICKET),
    Trade.SHOW.value: ("admission-ticket", "门票", BusinessLine.TICKET),
    Trade.RAIL.value: ("rail-ticket", "火车票", BusinessLine.TRAIN),
    Trade.AIR.value: ("air-ticket", "机票", BusinessLine.AIR),
    INSURANCE: ("insurance", "保险", BusinessLine.TICKET),
    CHANGE: ("ticket-change", "改签差价", BusinessLine.TICKET),
}
#: What changes of tickets cost is sold by the change, everything else by the hold of its trip.
CHANGE_TYPES = frozenset({TYPES[CHANGE][0]})
#: Slugs of all product types whose goods cannot be ordered without a hold.
HELD_TYPES = frozenset(slug for slug, _name, _line in TYPES.values()) - CHANGE_TYPES


@transaction.atomic
def ticket_variant(trade: str, code: str, name: str, fare: str, fare_name: str) -> ProductVariant:
    """The variant by which tickets of a fare of something (a line, a show) are sold; made at the first call.

    `code` names it within the trade (letters, digits, dashes); `trade` may be `INSURANCE`. It is not published, so no
    shop page shows it and no checkout takes it but by a hold; it has an empty shelf in one warehouse, as
    fulfilling wants to know one.
    """
    sku = f"{trade}-{code}-{fare}".upper()[:255]
    found = ProductVariant.objects.select_related("product").filter(sku=sku).first()
    if found is not None:
        return found
    slug, type_name, line = TYPES[trade]
    kind, fresh = ProductType.objects.get_or_create(
        slug=slug, defaults={"name": type_name, "has_variants": True, "is_shipping_required": False}
    )
    if fresh:
        ProductTypeLine.objects.get_or_create(
            product_type=kind, defaults={"line": line, "mode": DeliveryMode.VIRTUAL}
        )
    category, _new = Category.objects.get_or_create(slug="tickets", defaults={"name": "票务"})
    product, _new = Product.objects.get_or_create(
        slug=f"ticket-{trade}-{code}".lower()[:255],
        defaults={
            "name": name[:250], "product_type": kind, "category": category, "price": Money(Decimal(0), "CNY"),
            "minimal_variant_price": Money(Decimal(0), "CNY"), "is_published": False, "charge_taxes": False,
        },
    )  # fmt: skip
    variant, made = ProductVariant.objects.get_or_create(
        sku=sku,
        defaults={"product": product, "name": fare_name[:255], "currency": "CNY", "track_inventory": False},
    )
    if made:
        house = Warehouse.objects.order_by("pk").first()
        if house is not None:
            Stock.objects.get_or_create(warehouse=house, product_variant=variant)
    return variant
