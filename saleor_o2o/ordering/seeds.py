"""The example city's sellers, business lines and clocks, and something that is fetched at the branch."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from measurement.measures import Weight
from prices import Money
from saleor.product.models import Category, Product, ProductType, ProductVariant
from saleor.shipping.models import ShippingMethod
from saleor.warehouse.models import Stock, Warehouse

from saleor_o2o.seeding.catalogue import produce
from saleor_o2o.seeding.context import SeedContext
from saleor_o2o.seeding.stock import CITY_WAREHOUSE

from .choices import BusinessLine, DeliveryMode, TimerKind
from .models import ProductTypeLine, Seller, SellerProduct, ShippingMethodMode, TimerRule

#: Merchants of the city by code, and the county whose produce each sells.
SELLERS = (
    ("M-CK01", "城口巴山腊味合作社", "城口县"),
    ("M-YC01", "永川秀芽茶业", "永川区"),
    ("M-SZ01", "石柱黄水山货商行", "石柱土家族自治县"),
)
PICKUP_TYPE = "outlet-pickup"
PICKUP_SKU = "9900000101"
PICKUP_METHOD = "网点自提"
DAY = 24 * 60
CLOCKS = {
    TimerKind.RECEIVE: 10 * DAY, TimerKind.AFTER_SALE: 7 * DAY, TimerKind.REVIEW: 15 * DAY,
    TimerKind.COMPLAINT: 15 * DAY,
}  # fmt: skip
#: Fresh goods are complained about at once or not at all; a service has no parcel to wait for.
SERVICE_AFTER_SALE = 3 * DAY


def seed(context: SeedContext) -> None:
    """Create what is missing; nothing that is there is changed."""
    _sellers(context)
    _lines(context)
    _pickup(context)
    _clocks(context)


def _sellers(context: SeedContext) -> None:
    taken = set(SellerProduct.objects.values_list("product_id", flat=True))
    slugs: dict[str, list[str]] = {}
    for item in produce():
        slugs.setdefault(item.region.name, []).append(item.slug)
    for code, name, county in SELLERS:
        seller, fresh = Seller.objects.get_or_create(code=code, defaults={"name": name})
        context.count("销售方", int(fresh))
        if not fresh:
            continue  # what people took away from a seller stays away
        products = Product.objects.filter(slug__in=slugs.get(county, ())).exclude(pk__in=taken)
        rows = [SellerProduct(product=product, seller=seller) for product in products]
        SellerProduct.objects.bulk_create(rows)
        context.count("销售方商品", len(rows))


def _lines(context: SeedContext) -> None:
    there = set(ProductTypeLine.objects.values_list("pk", flat=True))
    missing = ProductType.objects.exclude(pk__in=there).exclude(slug=PICKUP_TYPE)
    rows = [ProductTypeLine(product_type=kind, line=BusinessLine.GOODS) for kind in missing]
    ProductTypeLine.objects.bulk_create(rows)
    context.count("业务线", len(rows))
    for method in ShippingMethod.objects.filter(name=PICKUP_METHOD, o2o_mode__isnull=True):
        ShippingMethodMode.objects.create(shipping_method=method, mode=DeliveryMode.PICKUP)
        context.count("自提方式", 1)


def _pickup(context: SeedContext) -> None:
    """A platter of stewed meat, made in the morning and fetched at the branch: no parcel, no freight."""
    if ProductVariant.objects.filter(sku=PICKUP_SKU).exists():
        return
    kind, fresh = ProductType.objects.get_or_create(
        slug=PICKUP_TYPE,
        defaults={
            "name": "网点自提商品",
            "has_variants": True,
            "is_shipping_required": False,
            "weight": Weight(kg=0.5),
        },
    )
    if fresh:
        ProductTypeLine.objects.create(product_type=kind, line=BusinessLine.SERVICE, mode=DeliveryMode.PICKUP)
    price = Money(Decimal("39.90"), "CNY")
    product = Product.objects.create(
        product_type=kind, category=Category.objects.get(slug="ready-meat"), name="社区卤味拼盘 网点自提",
        slug="she-qu-lu-wei-pin-pan-wang-dian-zi-ti", price=price, minimal_variant_price=price, is_published=True,
        description="当日现卤，付款后到就近邮政网点自提，凭订单号取货。",
    )  # fmt: skip
    variant = ProductVariant.objects.create(product=product, sku=PICKUP_SKU, name="500克")
    city = Warehouse.objects.get(slug=CITY_WAREHOUSE)
    Stock.objects.create(warehouse=city, product_variant=variant, quantity=300)
    context.count("自提商品", 1)


def _clocks(context: SeedContext) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    there = set(TimerRule.objects.values_list("kind", "line"))
    rows = [
        TimerRule(kind=kind, minutes=minutes, valid_from=since, note="示例规则")
        for kind, minutes in CLOCKS.items()
        if (kind.value, "") not in there
    ]
    if (TimerKind.AFTER_SALE.value, BusinessLine.SERVICE.value) not in there:
        rows.append(
            TimerRule(
                kind=TimerKind.AFTER_SALE, line=BusinessLine.SERVICE, minutes=SERVICE_AFTER_SALE, valid_from=since,
                note="到店服务",
            )
        )  # fmt: skip
    TimerRule.objects.bulk_create(rows)
    context.count("订单计时规则", len(rows))
