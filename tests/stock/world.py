"""The shop the stock operations are tried on, made with the ORM in a few dozen milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import graphene
from django.conf import settings
from django.contrib.sites.models import Site
from prices import Money, TaxedMoney
from saleor.account.models import Address, User
from saleor.order.models import Order
from saleor.product.models import (
    Attribute,
    AttributeValue,
    Category,
    Collection,
    Product,
    ProductType,
    ProductVariant,
)
from saleor.product.utils.attributes import associate_attribute_values_to_instance
from saleor.shipping.models import ShippingMethod, ShippingZone
from saleor.warehouse.models import Stock, Warehouse

ADDRESS = {
    "firstName": "桂英",
    "lastName": "李",
    "companyName": "",
    "streetAddress1": "民族路 18 号",
    "streetAddress2": "",
    "city": "渝中区",
    "cityArea": "",
    "countryArea": "重庆市",
    "postalCode": "400010",
    "country": "CN",
    "phone": "+8613800138000",
}


def gid(kind: str, row: Any) -> str:
    """The global ID of a row (or of a primary key)."""
    return str(graphene.Node.to_global_id(kind, getattr(row, "pk", row)))


def money(amount: str | int) -> Money:
    """An amount in the currency of the settings."""
    return Money(Decimal(amount), settings.DEFAULT_CURRENCY)


def taxed(amount: str | int) -> TaxedMoney:
    """An amount with no tax."""
    return TaxedMoney(money(amount), money(amount))


@dataclass
class World:
    """What :func:`make_world` made."""

    admin: User
    customer: User
    address: Address
    zone: ShippingZone
    method: ShippingMethod
    warehouse: Warehouse
    category: Category
    collection: Collection
    colour: Attribute
    size: Attribute
    product_type: ProductType
    product: Product
    variant: ProductVariant
    stock: Stock


def make_address(**changes: Any) -> Address:
    """An address in Chongqing."""
    return Address.objects.create(
        **{
            "first_name": "桂英",
            "last_name": "李",
            "street_address_1": "民族路 18 号",
            "city": "渝中区",
            "country_area": "重庆市",
            "postal_code": "400010",
            "country": "CN",
            "phone": "+8613800138000",
            **changes,
        }
    )


def make_world() -> World:
    """One of everything: users, a warehouse in a zone with a method, a product with two attributes."""
    site = Site.objects.get_current()
    Site.objects.filter(pk=site.pk).update(domain="shop.example.com", name="邮乐生活")
    Site.objects.clear_cache()
    admin = User.objects.create_superuser("admin@example.com", "password-1")
    customer = User.objects.create_user("li@example.com", "password-2", first_name="桂英", last_name="李")
    address = make_address()
    customer.addresses.add(address)
    customer.default_shipping_address = customer.default_billing_address = address
    customer.save()

    zone = ShippingZone.objects.create(name="全国", countries=["CN", "US"])
    method = ShippingMethod.objects.create(
        name="快递包裹", type="price", price=money(10), minimum_order_price=money(0), shipping_zone=zone
    )
    warehouse = Warehouse.objects.create(name="渝中仓", slug="yuzhong", address=make_address())
    warehouse.shipping_zones.add(zone)

    category = Category.objects.create(name="水果", slug="fruit")
    collection = Collection.objects.create(name="时令", slug="season", is_published=True)
    colour, size = (
        Attribute.objects.create(name=name, slug=slug, filterable_in_storefront=True)
        for name, slug in (("颜色", "colour"), ("规格", "size"))
    )
    red = AttributeValue.objects.create(attribute=colour, name="红", slug="red")
    big = AttributeValue.objects.create(attribute=size, name="大", slug="big")
    AttributeValue.objects.create(attribute=colour, name="黄", slug="yellow")
    AttributeValue.objects.create(attribute=size, name="小", slug="small")
    product_type = ProductType.objects.create(name="鲜果", slug="fresh", has_variants=True)
    product_type.product_attributes.add(colour)
    product_type.variant_attributes.add(size)
    product = Product.objects.create(
        name="奉节脐橙",
        slug="navel-orange",
        product_type=product_type,
        category=category,
        price=money("39.90"),
        minimal_variant_price=money("39.90"),
        is_published=True,
        description="甜",
    )
    associate_attribute_values_to_instance(product, colour, red)
    collection.products.add(product)
    variant = ProductVariant.objects.create(product=product, sku="ORANGE-5KG", name="5 千克")
    associate_attribute_values_to_instance(variant, size, big)
    stock = Stock.objects.create(warehouse=warehouse, product_variant=variant, quantity=10)
    return World(
        admin=admin,
        customer=customer,
        address=address,
        zone=zone,
        method=method,
        warehouse=warehouse,
        category=category,
        collection=collection,
        colour=colour,
        size=size,
        product_type=product_type,
        product=product,
        variant=variant,
        stock=stock,
    )


def make_order(world: World, quantity: int = 2, **changes: Any) -> Order:
    """An unfulfilled order of the customer with one line; its stock is allocated."""
    from saleor.warehouse.management import allocate_stock

    unit = taxed("39.90")
    order = Order.objects.create(
        **{
            "user": world.customer,
            "user_email": world.customer.email,
            "billing_address": world.address.get_copy(),
            "shipping_address": world.address.get_copy(),
            "shipping_method": world.method,
            "shipping_method_name": world.method.name,
            "shipping_price": taxed(10),
            "total": unit * quantity + taxed(10),
            "token": "",
            **changes,
        }
    )
    line = order.lines.create(
        product_name=world.product.name,
        variant_name=world.variant.name,
        product_sku=world.variant.sku,
        is_shipping_required=True,
        quantity=quantity,
        variant=world.variant,
        unit_price=unit,
        tax_rate=0,
    )
    if order.status != "draft":
        allocate_stock(line, "CN", quantity)
    return order
