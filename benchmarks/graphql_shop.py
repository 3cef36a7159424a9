"""A small shop with everything that storefront and dashboard queries touch: for the benchmark and for tests.

Deterministic; makes its rows directly, since how they come about is not what is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from graphene import Node
from prices import Money
from saleor.account.models import Address, User
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.discount.models import Sale
from saleor.menu.models import Menu, MenuItem
from saleor.order.models import Order, OrderLine
from saleor.product.models import (
    AssignedProductAttribute,
    AssignedVariantAttribute,
    Attribute,
    AttributeProduct,
    AttributeValue,
    AttributeVariant,
    Category,
    Collection,
    CollectionProduct,
    Product,
    ProductImage,
    ProductType,
    ProductVariant,
    VariantImage,
)
from saleor.shipping.models import ShippingMethod, ShippingMethodType, ShippingZone
from saleor.site.models import SiteSettings
from saleor.warehouse.models import Stock, Warehouse

CURRENCY = "CNY"
PREFIX = "bench"
ORDER_TOKEN = "5f0c3a52-6a41-4d0e-9d5f-3f8d6a0c1b7e"  # noqa: S105 - the order's name on its public page


@dataclass(frozen=True)
class Shop:
    """Global ids and tokens of what was made, as GraphQL variables."""

    product: str
    category: str
    collection: str
    menu: str
    variants: tuple[str, ...]
    checkout_token: str
    order: str
    order_token: str
    customer_email: str
    staff_email: str


def _id(row: Any) -> str:
    return str(Node.to_global_id(type(row).__name__, row.pk))


def _attributes(kind: ProductType) -> tuple[list[tuple[Any, Any]], list[tuple[Any, Any]]]:
    """Two attributes of products and two of variants, each with the first three of its values."""
    found: dict[str, list[tuple[Any, Any]]] = {"product": [], "variant": []}
    for role, link, names in (
        ("product", AttributeProduct, ("产地", "等级")),
        ("variant", AttributeVariant, ("规格", "包装")),
    ):
        for order, name in enumerate(names):
            slug = f"{PREFIX}-{role}-{order}"
            attribute = Attribute.objects.create(name=name, slug=slug)
            values = [
                AttributeValue.objects.create(
                    attribute=attribute, name=f"{name}{n}", slug=f"{slug}-{n}", value=""
                )
                for n in range(3)
            ]
            assignment = link.objects.create(attribute=attribute, product_type=kind, sort_order=order)
            found[role].append((assignment, values))
    return found["product"], found["variant"]


def build_shop(products: int = 4, variants: int = 3, images: int = 2) -> Shop:
    """Make the shop. Money in yuan; the first half of the products is in the collection and in a 10 % sale."""
    address = Address.objects.create(
        first_name="三", last_name="张", street_address_1="民生路 1 号", city="重庆市", city_area="渝中区",
        country_area="重庆市", postal_code="400010", country="CN", phone="+8613800138000",
    )  # fmt: skip
    zone = ShippingZone.objects.create(name="重庆", countries=["CN"])
    method = ShippingMethod.objects.create(
        name="邮政快递", type=ShippingMethodType.PRICE_BASED, shipping_zone=zone,
        currency=CURRENCY, price_amount=8, minimum_order_price_amount=0, maximum_order_price_amount=None,
    )  # fmt: skip
    warehouse = Warehouse.objects.create(name="渝中仓", slug=f"{PREFIX}-warehouse", address=address)
    warehouse.shipping_zones.add(zone)
    parent = Category.objects.create(name="土特产", slug=f"{PREFIX}-local")
    category = Category.objects.create(name="水果", slug=f"{PREFIX}-fruit", parent=parent)
    kind = ProductType.objects.create(name="鲜果", slug=f"{PREFIX}-fresh", has_variants=True)
    product_attributes, variant_attributes = _attributes(kind)
    collection = Collection.objects.create(name="首页推荐", slug=f"{PREFIX}-featured", is_published=True)
    sale = Sale.objects.create(name="九折", type="percentage", value=Decimal(10))
    made: list[Any] = []
    all_variants: list[Any] = []
    for n in range(products):
        price = Money(Decimal(20 + n), CURRENCY)
        product = Product.objects.create(
            name=f"奉节脐橙 {n}", slug=f"{PREFIX}-orange-{n}", product_type=kind, category=category, price=price,
            minimal_variant_price=price, is_published=True, description="皮薄肉嫩", description_json={"blocks": []},
        )  # fmt: skip
        made.append(product)
        for assignment, values in product_attributes:
            AssignedProductAttribute.objects.create(product=product, assignment=assignment).values.add(
                values[n % 3]
            )
        pictures = [
            ProductImage.objects.create(
                product=product, image=f"products/{PREFIX}-{n}-{i}.png", alt="脐橙", sort_order=i
            )
            for i in range(images)
        ]
        for v in range(variants):
            variant = ProductVariant.objects.create(
                product=product, sku=f"{PREFIX}-{n}-{v}", name=f"{v + 1} 千克",
                price_override=Money(price.amount + v, CURRENCY), cost_price=Money(5, CURRENCY),
            )  # fmt: skip
            all_variants.append(variant)
            Stock.objects.create(warehouse=warehouse, product_variant=variant, quantity=100)
            for assignment, values in variant_attributes:
                AssignedVariantAttribute.objects.create(variant=variant, assignment=assignment).values.add(
                    values[v % 3]
                )
            VariantImage.objects.create(variant=variant, image=pictures[v % images])
    for order, product in enumerate(made[: max(1, products // 2)]):
        CollectionProduct.objects.create(collection=collection, product=product, sort_order=order)
        sale.products.add(product)
    menu = Menu.objects.create(name=f"{PREFIX}-navbar")
    top = MenuItem.objects.create(menu=menu, name="土特产", category=parent, sort_order=0)
    MenuItem.objects.create(menu=menu, parent=top, name="水果", category=category, sort_order=0)
    MenuItem.objects.create(menu=menu, name="推荐", collection=collection, sort_order=1)
    SiteSettings.objects.filter(site_id=settings.SITE_ID).update(
        homepage_collection=collection, top_menu=menu, bottom_menu=menu
    )
    customer = User.objects.create_user(f"{PREFIX}-customer@example.com", "password", first_name="三")
    customer.addresses.add(address)
    staff = User.objects.create_superuser(f"{PREFIX}-staff@example.com", "password")
    checkout = Checkout.objects.create(
        email=customer.email, currency=CURRENCY, quantity=6,  # a guest's: anybody with its token reads it
        shipping_address=address.get_copy(), billing_address=address.get_copy(), shipping_method=method,
    )  # fmt: skip
    for variant in all_variants[:3]:
        CheckoutLine.objects.create(checkout=checkout, variant=variant, quantity=2)
    order = _order(customer, address, method, all_variants[:3])
    return Shop(
        product=_id(made[0]),
        category=_id(category),
        collection=_id(collection),
        menu=_id(menu),
        variants=tuple(_id(variant) for variant in all_variants[:3]),
        checkout_token=str(checkout.token),
        order=_id(order),
        order_token=order.token,
        customer_email=customer.email,
        staff_email=staff.email,
    )


def _order(customer: Any, address: Any, method: Any, variants: list[Any]) -> Any:
    price = Money(Decimal("20.00"), CURRENCY)
    order = Order.objects.create(
        user=customer, user_email=customer.email, currency=CURRENCY, token=ORDER_TOKEN,
        billing_address=address.get_copy(), shipping_address=address.get_copy(), shipping_method=method,
        shipping_method_name=method.name, shipping_price_net_amount=8, shipping_price_gross_amount=8,
        total_net_amount=128, total_gross_amount=128,
    )  # fmt: skip
    for variant in variants:
        OrderLine.objects.create(
            order=order, variant=variant, product_name=variant.product.name, variant_name=variant.name,
            product_sku=variant.sku, is_shipping_required=True, quantity=2, currency=CURRENCY,
            unit_price_net_amount=price.amount, unit_price_gross_amount=price.amount,
        )  # fmt: skip
    return order
