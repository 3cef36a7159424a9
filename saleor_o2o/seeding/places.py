"""Warehouses and how goods travel."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from measurement.measures import Weight
from saleor.account.models import Address
from saleor.shipping import ShippingMethodType
from saleor.shipping.models import ShippingMethod, ShippingZone
from saleor.warehouse.models import Warehouse

from .context import SeedContext
from .regions import PROVINCE, region
from .stock import CITY_WAREHOUSE

ZONE = "中国大陆"


@dataclass(frozen=True)
class WarehouseData:
    """A warehouse; the produce of the counties in ``serves`` lies here too."""

    slug: str
    name: str
    county: str
    street: str
    phone: str
    serves: str


WAREHOUSES = (
    WarehouseData(
        CITY_WAREHOUSE, "重庆邮区中心仓", "两江新区", "回兴街道服装城大道", "+8613800000100",
        "两江新区 渝中区 大渡口区 沙坪坝区 九龙坡区 南岸区 北碚区 巴南区",
    ),
    WarehouseData(
        "wanzhou", "万州仓", "万州区", "高笋塘街道白岩路", "+8613800000101",
        "万州区 开州区 云阳县 忠县 梁平区 城口县",
    ),
    WarehouseData(
        "fengjie", "奉节仓", "奉节县", "夔州街道诗仙路", "+8613800000102", "奉节县 巫山县 巫溪县"
    ),
    WarehouseData(
        "fuling", "涪陵仓", "涪陵区", "荔枝街道兴华中路", "+8613800000103",
        "涪陵区 长寿区 垫江县 丰都县 武隆区 南川区",
    ),
    WarehouseData(
        "jiangjin", "江津仓", "江津区", "几江街道鼎山大道", "+8613800000104",
        "江津区 永川区 荣昌区 綦江区 大足区",
    ),
    WarehouseData(
        "hechuan", "合川仓", "合川区", "南津街街道南园路", "+8613800000105", "合川区 铜梁区 潼南区 璧山区"
    ),
    WarehouseData(
        "qianjiang", "黔江仓", "黔江区", "城东街道新华大道", "+8613800000106",
        "黔江区 石柱土家族自治县 彭水苗族土家族自治县 酉阳土家族苗族自治县 秀山土家族苗族自治县",
    ),
)  # fmt: skip

#: Which warehouse lies near a county.
NEAREST = {county: data.slug for data in WAREHOUSES for county in data.serves.split()}


@dataclass(frozen=True)
class MethodData:
    """A shipping method: price in yuan, for orders in a range of weight (kilograms) or of worth (yuan)."""

    name: str
    price: str
    kind: str
    least: str
    most: str | None


METHODS = (
    MethodData("网点自提", "0.00", ShippingMethodType.PRICE_BASED, "0", None),
    MethodData("邮政快递包裹 满99元包邮", "0.00", ShippingMethodType.PRICE_BASED, "99", None),
    MethodData("邮政快递包裹（5千克内）", "8.00", ShippingMethodType.WEIGHT_BASED, "0", "5"),
    MethodData("邮政快递包裹（5至20千克）", "18.00", ShippingMethodType.WEIGHT_BASED, "5.01", "20"),
    MethodData("邮政快递包裹（大件）", "38.00", ShippingMethodType.WEIGHT_BASED, "20.01", "60"),
    MethodData("EMS 特快（5千克内）", "22.00", ShippingMethodType.WEIGHT_BASED, "0", "5"),
    MethodData("EMS 特快（5至30千克）", "58.00", ShippingMethodType.WEIGHT_BASED, "5.01", "30"),
)


def seed(context: SeedContext) -> None:
    """Create the missing warehouses, the shipping zone of the mainland and its methods."""
    zone, fresh = ShippingZone.objects.get_or_create(name=ZONE, defaults={"countries": ["CN"]})
    context.count("运费区域", int(fresh))
    _methods(context, zone)
    there = set(Warehouse.objects.values_list("slug", flat=True))
    for data in WAREHOUSES:
        if data.slug in there:
            continue
        county = region(data.county)
        address = Address.objects.create(
            company_name=data.name,
            street_address_1=data.street,
            city=county.name,
            country_area=PROVINCE,
            postal_code=county.postcode,
            country="CN",
            phone=data.phone,
        )
        warehouse = Warehouse.objects.create(
            id=uuid.uuid5(uuid.NAMESPACE_DNS, f"{data.slug}.warehouse.example.com"),
            slug=data.slug,
            name=data.name,
            company_name="渝邮生活",
            address=address,
            email=f"{data.slug}@example.com",
        )
        warehouse.shipping_zones.add(zone)
        context.count("仓库", 1)


def _methods(context: SeedContext, zone: ShippingZone) -> None:
    there = set(zone.shipping_methods.values_list("name", flat=True))
    missing = []
    for data in METHODS:
        if data.name in there:
            continue
        method = ShippingMethod(
            name=data.name,
            type=data.kind,
            shipping_zone=zone,
            currency="CNY",
            price_amount=Decimal(data.price),
        )
        if data.kind == ShippingMethodType.PRICE_BASED:
            method.minimum_order_price_amount = Decimal(data.least)
            method.maximum_order_price_amount = Decimal(data.most) if data.most else None
        else:
            method.minimum_order_weight = Weight(kg=float(data.least))
            method.maximum_order_weight = Weight(kg=float(data.most)) if data.most else None
        missing.append(method)
    ShippingMethod.objects.bulk_create(missing)
    context.count("配送方式", len(missing))
