"""The shop's side of a product: goods of one type and category, a variant per ticket class, never counted.

How many there are is the quotas' and the seats' business; the shop only has to let people pay. Never published: no shop
page shows them, and no basket takes them but by a hold.
"""

from __future__ import annotations

from decimal import Decimal

from prices import Money
from saleor.product.models import Category, Product, ProductType, ProductVariant
from saleor.warehouse.models import Stock, Warehouse

from saleor_o2o.ordering.choices import BusinessLine, DeliveryMode
from saleor_o2o.ordering.models import ProductTypeLine

#: The slugs of the product type and of the category.
TYPE = "admission-ticket"
CATEGORY = "tickets"


def goods_for(code: str, name: str, description: str) -> Product:
    """New goods for a product."""
    kind, fresh = ProductType.objects.get_or_create(
        slug=TYPE, defaults={"name": "门票", "has_variants": True, "is_shipping_required": False}
    )
    if fresh:
        ProductTypeLine.objects.get_or_create(
            product_type=kind, defaults={"line": BusinessLine.TICKET, "mode": DeliveryMode.VIRTUAL}
        )
    category, _new = Category.objects.get_or_create(slug=CATEGORY, defaults={"name": "票务"})
    nothing = Money(Decimal(0), "CNY")
    return Product.objects.create(
        slug=f"ticket-{code}", name=name, product_type=kind, category=category, price=nothing,
        minimal_variant_price=nothing, is_published=False, charge_taxes=False, description=description,
    )  # fmt: skip


def variant_for(goods: Product, sku: str, name: str, price: Decimal) -> ProductVariant:
    """A variant for a ticket class; it is in every warehouse and counted in none."""
    variant = ProductVariant.objects.create(
        product=goods, sku=sku, name=name, price_override_amount=price, currency="CNY", track_inventory=False
    )
    Stock.objects.bulk_create(
        Stock(warehouse=house, product_variant=variant, quantity=0) for house in Warehouse.objects.all()
    )
    return variant


def reprice(goods: Product, prices: dict[int, Decimal]) -> None:
    """Write the usual price of each variant, and the lowest one on the goods."""
    for pk, price in prices.items():
        ProductVariant.objects.filter(pk=pk).update(price_override_amount=price)
    lowest = min(prices.values(), default=Decimal(0))
    Product.objects.filter(pk=goods.pk).update(price_amount=lowest, minimal_variant_price_amount=lowest)
