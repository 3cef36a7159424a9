"""What is for sale in the kill test: goods of ours and of a merchant, one way to send them, and a clerk who refunds."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sites.models import Site
from prices import Money

CLERK, PASSWORD = "clerk@example.com", "kill-test-clerk-1"
#: Article number → (name, price in yuan, whose it is).
GOODS = {"OURS": ("涪陵榨菜", "12.80", ""), "THEIRS": ("城口老腊肉", "66.70", "M-KILL")}
UNITS = 100_000


def open_shop() -> None:
    """Write it; the sandbox's keys must lie in the folder that the settings name."""
    from saleor.account.models import Address, User
    from saleor.product.models import Category, Product, ProductType, ProductVariant
    from saleor.shipping.models import ShippingMethod, ShippingZone
    from saleor.warehouse.models import Stock, Warehouse

    from plugins.wechat_pay.seeds import configure_from_sandbox
    from saleor_o2o.ordering.models import Seller, SellerProduct

    Site.objects.update_or_create(pk=settings.SITE_ID, defaults={"domain": "127.0.0.1", "name": "邮乐生活"})
    people: Any = User.objects
    people.create_superuser(CLERK, PASSWORD)
    zone = ShippingZone.objects.create(name="全国", countries=["CN"])
    ShippingMethod.objects.create(
        name="快递包裹", type="price", price=_yuan("10"), minimum_order_price=_yuan("0"), shipping_zone=zone
    )
    address = Address.objects.create(
        street_address_1="民族路 18 号",
        city="渝中区",
        country_area="重庆市",
        postal_code="400010",
        country="CN",
    )
    warehouse = Warehouse.objects.create(name="渝中仓", slug="yuzhong", address=address)
    warehouse.shipping_zones.add(zone)
    category = Category.objects.create(name="土特产", slug="produce")
    kind = ProductType.objects.create(name="土特产", slug="produce", has_variants=False)
    for sku, (name, price, seller) in GOODS.items():
        product = Product.objects.create(
            name=name,
            slug=sku.lower(),
            product_type=kind,
            category=category,
            price=_yuan(price),
            minimal_variant_price=_yuan(price),
            is_published=True,
        )
        variant = ProductVariant.objects.create(product=product, sku=sku)
        Stock.objects.create(warehouse=warehouse, product_variant=variant, quantity=UNITS)
        if seller:
            merchant = Seller.objects.create(code=seller, name="城口巴山腊味合作社")
            SellerProduct.objects.create(product=product, seller=merchant)
    configure_from_sandbox(Path(settings.SANDBOX_DIR) / "wechat_pay", settings.SANDBOX_URL)


def _yuan(amount: str) -> Money:
    return Money(Decimal(amount), settings.DEFAULT_CURRENCY)
