"""What is for sale in the kill test: goods of ours and of two sellers, one way to send them, a counter, and a clerk."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sites.models import Site
from prices import Money

CLERK, PASSWORD = "clerk@example.com", "kill-test-clerk-1"
#: Article number → (name, price in yuan, whose it is).
GOODS = {
    "OURS": ("涪陵榨菜", "12.80", ""),
    "THEIRS": ("城口老腊肉", "66.70", "M-KILL"),
    "PARTNERS": ("奉节脐橙", "39.90", "M-PARTNER"),
}
#: What is in a basket, unless a story says otherwise; the seller of the last one has a merchant number of its own.
BASKET, COMBINED, COUNTER = ("OURS", "THEIRS"), ("OURS", "PARTNERS"), ("OURS",)
PARTNER = "1900009192"
UNITS = 100_000
#: The counter that sells.
BRANCH = "B-KILL"
SHIPPED = "快递包裹"


def open_shop() -> None:
    """Write it; the sandbox's keys must lie in the folder that the settings name."""
    from saleor.account.models import Address, User
    from saleor.product.models import Category, Product, ProductType, ProductVariant
    from saleor.shipping.models import ShippingMethod, ShippingZone
    from saleor.warehouse.models import Stock, Warehouse

    from plugins.stripe_pay.seeds import configure_from_sandbox as stripe
    from plugins.wechat_pay.seeds import account_from_sandbox, configure_from_sandbox
    from saleor_o2o.ordering.models import Seller, SellerProduct

    Site.objects.update_or_create(pk=settings.SITE_ID, defaults={"domain": "127.0.0.1", "name": "邮乐生活"})
    people: Any = User.objects
    people.create_superuser(CLERK, PASSWORD)
    zone = ShippingZone.objects.create(name="全国", countries=["CN"])
    ShippingMethod.objects.create(
        name=SHIPPED, type="price", price=_yuan("10"), minimum_order_price=_yuan("0"), shipping_zone=zone
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
    _open_branch()
    keys = Path(settings.SANDBOX_DIR)
    configure_from_sandbox(keys / "wechat_pay", settings.SANDBOX_URL)
    account_from_sandbox(
        keys / "wechat_pay/merchants" / PARTNER, settings.SANDBOX_URL, code="partner", name="奉节果农合作社",
        seller="M-PARTNER",
    )  # fmt: skip
    stripe(
        keys / "stripe", settings.SANDBOX_URL, f"{settings.PUBLIC_URL.rstrip('/')}/hooks/stripe_pay/notify"
    )


def _open_branch() -> None:
    """A city, and below it a branch with a counter."""
    from datetime import date

    from plugins.org_hierarchy.levels import UnitStatus
    from plugins.org_hierarchy.models import OrgUnit
    from plugins.org_hierarchy.paths import path_of, reserve_keys

    parent = None
    for code, name, level in (("CQ-KILL", "市中心", 1), (BRANCH, "解放碑支局", 4)):
        [key] = reserve_keys(1)
        parent = OrgUnit.objects.create(
            pk=key, code=code, name=name, level=level, parent=parent,
            path=path_of(parent.path if parent else "", key), status=UnitStatus.ACTIVE,
            effective_from=date(2026, 1, 1),
        )  # fmt: skip


def _yuan(amount: str) -> Money:
    return Money(Decimal(amount), settings.DEFAULT_CURRENCY)
