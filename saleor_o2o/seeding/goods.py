"""Product types, attributes, products, variants, their pictures and stock: what is missing, in bulk."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from measurement.measures import Weight
from saleor.product.models import (
    AssignedProductAttribute,
    AssignedVariantAttribute,
    Attribute,
    AttributeProduct,
    AttributeValue,
    AttributeVariant,
    Category,
    Product,
    ProductImage,
    ProductType,
    ProductVariant,
)
from saleor.warehouse.models import Stock, Warehouse

from .catalogue import Produce, kind_of_category, produce, slug_of
from .context import SeedContext
from .drawing import picture_name
from .places import NEAREST
from .stock import quantities
from .texts import Block, draft, plain


@dataclass(frozen=True)
class TypeData:
    """A product type: slug, name, its product attributes by slug."""

    slug: str
    name: str
    attributes: tuple[str, ...]


ATTRIBUTES = {
    "origin": "产地",
    "badge": "特色",
    "storage": "储存方式",
    "shelf-life": "保质期",
    "net-content": "净含量",
    "pack": "规格",
}

_COMMON = ("origin", "badge", "storage", "shelf-life", "net-content")
TYPES = (
    TypeData("fresh", "生鲜果蔬", _COMMON),
    TypeData("meat", "肉禽腊味", _COMMON),
    TypeData("packaged", "预包装食品", _COMMON),
    TypeData("tea", "茶叶", _COMMON),
)
PACK = "pack"


def seed(context: SeedContext) -> None:
    """Create the missing types, attributes and produce."""
    types = _types(context)
    attributes = _attributes(context, types)
    there = set(Product.objects.values_list("slug", flat=True))
    missing = [item for item in produce() if item.slug not in there]
    if not missing:
        return
    values = _values(context, attributes, missing)
    products = _products(missing, types)
    variants = _variants(missing, products)
    _assign(missing, products, variants, values)
    _stocks(missing, variants)
    context.count("商品", len(products))
    context.count("规格", len(variants))


def values_of(item: Produce) -> dict[str, str]:
    """A produce's product attributes."""
    return {
        "origin": f"重庆{item.region.name}",
        "badge": item.badge,
        "storage": item.store,
        "shelf-life": item.life,
        "net-content": item.net,
    }


def description(item: Produce) -> list[Block]:
    """A produce's page."""
    return [
        ("unstyled", item.text),
        ("header-three", "商品信息"),
        ("unordered-list-item", f"产地：重庆市{item.region.name}（邮编 {item.region.postcode}）"),
        ("unordered-list-item", f"净含量：{item.net}"),
        ("unordered-list-item", f"保质期：{item.life}"),
        ("unordered-list-item", f"储存方式：{item.store}"),
        ("header-three", "食用建议"),
        ("unstyled", item.use),
        ("header-three", "邮政承诺"),
        ("unstyled", "产地支局验货封箱，邮政直运；到货如有破损腐烂，24小时内凭照片包赔。"),
    ]


def _types(context: SeedContext) -> dict[str, ProductType]:
    there = {one.slug: one for one in ProductType.objects.filter(slug__in=[data.slug for data in TYPES])}
    for data in TYPES:
        if data.slug not in there:
            there[data.slug] = ProductType.objects.create(
                slug=data.slug,
                name=data.name,
                has_variants=True,
                is_shipping_required=True,
                weight=Weight(kg=1),
            )
            context.count("商品类型", 1)
    return there


def _attributes(context: SeedContext, types: dict[str, ProductType]) -> dict[str, Attribute]:
    there = {one.slug: one for one in Attribute.objects.filter(slug__in=ATTRIBUTES)}
    for slug, name in ATTRIBUTES.items():
        if slug not in there:
            there[slug] = Attribute.objects.create(
                slug=slug,
                name=name,
                value_required=slug == PACK,
                is_variant_only=slug == PACK,
                filterable_in_storefront=slug in ("origin", "badge", "storage"),
                available_in_grid=slug in ("origin", "badge"),
                storefront_search_position=list(ATTRIBUTES).index(slug),
            )
            context.count("属性", 1)
    linked = set(AttributeProduct.objects.values_list("product_type__slug", "attribute__slug"))
    AttributeProduct.objects.bulk_create(
        AttributeProduct(attribute=there[slug], product_type=types[data.slug], sort_order=position)
        for data in TYPES
        for position, slug in enumerate(data.attributes)
        if (data.slug, slug) not in linked
    )
    linked = set(AttributeVariant.objects.values_list("product_type__slug", "attribute__slug"))
    AttributeVariant.objects.bulk_create(
        AttributeVariant(attribute=there[PACK], product_type=types[data.slug], sort_order=0)
        for data in TYPES
        if (data.slug, PACK) not in linked
    )
    return there


def _values(
    context: SeedContext, attributes: dict[str, Attribute], items: Sequence[Produce]
) -> dict[tuple[str, str], AttributeValue]:
    """Every value the items need, by attribute's slug and name; the missing ones are created."""
    needed: dict[tuple[str, str], None] = {}
    for item in items:
        for slug, name in values_of(item).items():
            needed.setdefault((slug, name))
        for pack in item.packs:
            needed.setdefault((PACK, pack.label))
    there = {
        (value.attribute.slug, value.name): value
        for value in AttributeValue.objects.filter(attribute__in=attributes.values()).select_related(
            "attribute"
        )
    }
    missing = [key for key in needed if key not in there]
    fresh = AttributeValue.objects.bulk_create(
        AttributeValue(attribute=attributes[slug], name=name, slug=_value_slug(name), sort_order=position)
        for position, (slug, name) in enumerate(missing, start=len(there))
    )
    context.count("属性值", len(fresh))
    there.update(zip(missing, fresh, strict=True))
    return there


def _value_slug(name: str) -> str:
    # Labels that sound the same must not meet: the name's checksum keeps them apart.
    return f"{slug_of(name)}-{zlib.crc32(name.encode()) % 46656:04x}"


def _products(items: Sequence[Produce], types: dict[str, ProductType]) -> dict[str, Product]:
    kinds = kind_of_category()
    categories = {one.slug: one for one in Category.objects.all()}
    rows = []
    for item in items:
        blocks = description(item)
        rows.append(
            Product(
                slug=item.slug,
                name=item.name,
                product_type=types[kinds[item.category]],
                category=categories[item.category],
                description=plain(blocks),
                description_json=draft(blocks),
                currency="CNY",
                price_amount=item.price,
                minimal_variant_price_amount=item.price,
                charge_taxes=True,
                is_published=True,
                weight=Weight(kg=item.packs[0].kilograms),
                seo_title=item.name[:70],
                seo_description=item.text[:300],
                metadata={"o2o.region": item.region.code},
            )
        )
    saved = Product.objects.bulk_create(rows)
    ProductImage.objects.bulk_create(
        ProductImage(product=row, image=picture_name(item), alt=item.name, ppoi="0.5x0.5", sort_order=0)
        for item, row in zip(items, saved, strict=True)
    )
    return {row.slug: row for row in saved}


def _variants(items: Sequence[Produce], products: dict[str, Product]) -> dict[str, ProductVariant]:
    rows = [
        ProductVariant(
            product=products[item.slug],
            sku=pack.sku,
            name=pack.label,
            currency="CNY",
            price_override_amount=pack.price,
            track_inventory=True,
            weight=Weight(kg=pack.kilograms),
        )
        for item in items
        for pack in item.packs
    ]
    # Saleor's own bulk_create sends a task that works out the lowest prices; they are already right.
    QuerySet(ProductVariant).bulk_create(rows)
    return {row.sku: row for row in rows}


def _assign(
    items: Sequence[Produce],
    products: dict[str, Product],
    variants: dict[str, ProductVariant],
    values: dict[tuple[str, str], AttributeValue],
) -> None:
    kinds = kind_of_category()
    of_products = {
        (link.product_type.slug, link.attribute.slug): link
        for link in AttributeProduct.objects.select_related("product_type", "attribute")
    }
    of_variants = {
        link.product_type.slug: link
        for link in AttributeVariant.objects.filter(attribute__slug=PACK).select_related("product_type")
    }
    pairs = [
        (
            AssignedProductAttribute(
                product=products[item.slug], assignment=of_products[kinds[item.category], slug]
            ),
            values[slug, name],
        )
        for item in items
        for slug, name in values_of(item).items()
    ]
    AssignedProductAttribute.objects.bulk_create(row for row, _value in pairs)
    through = AssignedProductAttribute.values.through
    through.objects.bulk_create(
        through(assignedproductattribute_id=row.pk, attributevalue_id=value.pk) for row, value in pairs
    )
    pairs_of_variants = [
        (
            AssignedVariantAttribute(
                variant=variants[pack.sku], assignment=of_variants[kinds[item.category]]
            ),
            values[PACK, pack.label],
        )
        for item in items
        for pack in item.packs
    ]
    AssignedVariantAttribute.objects.bulk_create(row for row, _value in pairs_of_variants)
    through = AssignedVariantAttribute.values.through
    through.objects.bulk_create(
        through(assignedvariantattribute_id=row.pk, attributevalue_id=value.pk)
        for row, value in pairs_of_variants
    )


def _stocks(items: Iterable[Produce], variants: dict[str, ProductVariant]) -> None:
    warehouses = {one.slug: one for one in Warehouse.objects.all()}
    Stock.objects.bulk_create(
        Stock(warehouse=warehouses[slug], product_variant=variants[pack.sku], quantity=quantity)
        for item in items
        for pack in item.packs
        for slug, quantity in quantities(item, pack.sku, NEAREST[item.region.name]).items()
    )
