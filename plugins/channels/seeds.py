"""The example city's channels: every outlet's counter, the company's own channels, 200 micro-shops with goods.

Nobody real: names made of common characters, telephone numbers from 1390000, identity numbers with a right check digit
and a region that does not exist.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from plugins.org_hierarchy.interfaces import BusinessScope, Level, OrgUnit, UnitStatus
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.documents import id_check
from saleor_o2o.kernel.numbering import SHORT_ALPHABET

from .identity import id_index, mobile_index
from .models import (
    BindingRule,
    Channel,
    ChannelDay,
    Course,
    Material,
    PoolGoods,
    Shop,
    ShopGoods,
    ShopTemplate,
    Target,
    Theme,
)
from .pricing import into_band, list_price
from .seeds_field import seed_field
from .types import ChannelStatus, ChannelType, Rank

SHOPS = 200
GOODS = 10
TEMPLATE = 12
OPENED = date(2024, 3, 1)
SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ("秀英", "桂兰", "建华", "小燕", "志勇", "春梅", "永红", "丽娟", "国强", "素芳", "大伟", "晓琴")
PLACES = ("花园", "新村", "阳光", "民生", "和平", "滨江", "康庄", "桂花", "翠湖", "金沙", "双龙", "长青")
BATCH = 500
#: Whom one can log in as to see a shop from its owner's side.
OWNER = "owner_shop"
CENT = Decimal("0.01")
COMPANY = (
    (ChannelType.WEB, "渝邮生活网站"), (ChannelType.WECHAT, "渝邮生活公众号"), (ChannelType.TELEPHONE, "11185 热线"),
)  # fmt: skip


def code_for(key: str) -> str:
    """A channel code that is the same in every run."""
    digest = int.from_bytes(hashlib.sha256(f"channel:{key}".encode()).digest()[:8], "big")
    letters = []
    for _ in range(8):
        digest, at = divmod(digest, len(SHORT_ALPHABET))
        letters.append(SHORT_ALPHABET[at])
    return "".join(letters)


@transaction.atomic
def seed(context: Any) -> None:
    """Write what is missing, in bulk; without units there is nothing to hang it on. A second run changes nothing."""
    city = OrgUnit.objects.filter(parent__isnull=True).first()
    if city is None:
        context.say("渠道：还没有机构，跳过")
        return
    _rules()
    pool = _pool(context)
    template = _template(pool)
    _counters(context, city)
    _shops(context, pool, template)
    _owner(context)
    seed_field(context)


def _rules() -> None:
    BindingRule.objects.get_or_create(effective_from=OPENED, defaults={"protection_days": 30})
    for code, name in (("shop-basics", "微店经营入门"), ("shop-compliance", "商品质量与个人信息保护")):
        Course.objects.get_or_create(
            code=code, defaults={"name": name, "required_for": [ChannelType.MICRO_SHOP, ChannelType.STATION]}
        )
    for code, name, measure, numbered in (
        ("ticket-paper", "热敏票纸", "卷", False), ("receipt", "收款收据", "份", True),
    ):  # fmt: skip
        Material.objects.get_or_create(
            code=code, defaults={"name": name, "measure": measure, "is_numbered": numbered}
        )


def _pool(context: Any) -> list[PoolGoods]:
    """Every seeded variant, nine tenths to a bit more than the platform's price."""
    from saleor.product.models import ProductVariant

    variants = ProductVariant.objects.select_related("product").filter(
        product__is_published=True, o2o_pool__isnull=True
    )
    made = PoolGoods.objects.bulk_create(
        PoolGoods(variant=variant, floor=_share(variant, "0.90"), ceiling=_share(variant, "1.15"))
        for variant in variants.order_by("pk")
        if list_price(variant) > 1
    )
    context.count("微店选品", len(made))
    return list(PoolGoods.objects.select_related("variant__product").filter(is_active=True).order_by("pk"))


def _share(variant: Any, share: str) -> Decimal:
    return (list_price(variant) * Decimal(share)).quantize(CENT, ROUND_HALF_UP)


def _template(pool: list[PoolGoods]) -> ShopTemplate:
    template, fresh = ShopTemplate.objects.get_or_create(
        code="standard",
        defaults={
            "name": "标准社区微店", "shop_name": "{community}邮政微店",
            "notice": "邮政供货，产地直发；买贵退差，坏果包赔。",
        },
    )  # fmt: skip
    if fresh:
        template.goods.set(_spread(pool, TEMPLATE, 0))
    return template


def _spread(pool: list[PoolGoods], count: int, start: int) -> list[PoolGoods]:
    """Some goods of different products, from a place in the pool on."""
    found: dict[int, PoolGoods] = {}
    for step in range(len(pool)):
        goods = pool[(start + step * 7) % len(pool)]
        found.setdefault(goods.variant.product_id, goods)
        if len(found) == count:
            break
    return list(found.values())


def _counters(context: Any, city: OrgUnit) -> None:
    """A channel for every outlet, and the company's website, official account and hotline."""
    # only those without a counter are read: sixty thousand units would be as many rows at every start
    counters = Channel.objects.filter(type=ChannelType.OUTLET, unit=OuterRef("pk"))
    outlets = (
        OrgUnit.objects.filter(level=Level.OUTLET, status=UnitStatus.ACTIVE)
        .exclude(Exists(counters.exclude(status=ChannelStatus.LEFT)))
        .defer("service_area")
        .order_by("path")
    )
    made = [
        Channel(
            code=code_for(f"outlet:{unit.code}"), type=ChannelType.OUTLET, name=unit.name[:60], unit=unit,
            status=ChannelStatus.ACTIVE, address=unit.address, lng=unit.lng, lat=unit.lat,
            business_scope=unit.business_scope, opened_on=unit.effective_from,
        )
        for unit in outlets
    ]  # fmt: skip
    there = set(Channel.objects.filter(unit=city).values_list("code", flat=True))
    made += [
        Channel(
            code=code_for(f"company:{kind}"), type=kind, name=name, unit=city, status=ChannelStatus.ACTIVE,
            opened_on=OPENED,
        )
        for kind, name in COMPANY
        if code_for(f"company:{kind}") not in there
    ]  # fmt: skip
    Channel.objects.bulk_create(made, batch_size=BATCH)
    context.count("渠道", len(made))


def _shops(context: Any, pool: list[PoolGoods], template: ShopTemplate) -> None:
    """Micro-shops spread over the branches, the first ones in the city's middle."""
    branches = list(OrgUnit.objects.filter(level=Level.BRANCH, status=UnitStatus.ACTIVE).order_by("code"))
    if not branches:
        return
    step = max(1, len(branches) // SHOPS)
    plans = [(number, branches[(number * step) % len(branches)]) for number in range(SHOPS)]
    there = set(Channel.objects.filter(type=ChannelType.MICRO_SHOP).values_list("code", flat=True))
    fresh = [(n, unit) for n, unit in plans if code_for(f"shop:{n}") not in there]
    channels = Channel.objects.bulk_create(
        [_channel(number, unit) for number, unit in fresh], batch_size=BATCH
    )
    Shop.objects.bulk_create(
        Shop(
            channel=channel, name=channel.name, notice=template.notice, template=template,
            theme=Theme.values[number % len(Theme.values)],
        )
        for channel, (number, _unit) in zip(channels, fresh, strict=True)
    )  # fmt: skip
    month = today().replace(day=1)
    offers, targets, days = [], [], []
    for channel, (number, _unit) in zip(channels, fresh, strict=True):
        for position, goods in enumerate(_spread(pool, GOODS, number)):
            tilt = Decimal(97 + (number + position) % 12) / 100
            price = (list_price(goods.variant) * tilt).quantize(CENT, ROUND_HALF_UP)
            offers.append(
                ShopGoods(shop_id=channel.pk, goods=goods, price=into_band(goods, price), position=position)
            )
        targets.append(Target(channel=channel, month=month, goal=Decimal(200 + number % 7 * 100)))
        days += [
            ChannelDay(
                channel=channel, day=today() - timedelta(days=back), visits=5 + (number * 7 + back * 3) % 40
            )
            for back in range(14)
        ]
    ShopGoods.objects.bulk_create(offers, batch_size=BATCH)
    Target.objects.bulk_create(targets, batch_size=BATCH)
    ChannelDay.objects.bulk_create(days, batch_size=BATCH)
    context.count("社区微店", len(channels))


def _owner(context: Any) -> None:
    """Give the first micro-shop's owner a login, for the demo."""
    from saleor.account.models import User

    password = context.login(
        OWNER, f"{OWNER}@example.com", f"yuyou-{OWNER}", "/counter_sales/shop/（店主台）"
    )
    channel = Channel.objects.filter(code=code_for("shop:0"), owner_user__isnull=True).first()
    if channel is None or password is None or User.objects.filter(email=f"{OWNER}@example.com").exists():
        return
    channel.owner_user = User.objects.create_user(  # type: ignore[no-untyped-call]
        f"{OWNER}@example.com", password, first_name=channel.owner_name
    )
    channel.save(update_fields=["owner_user"])
    context.count("店主登录", 1)


def _channel(number: int, unit: OrgUnit) -> Channel:
    name = SURNAMES[number % len(SURNAMES)] + GIVEN[number // 3 % len(GIVEN)]
    mobile = f"1390000{number:04d}"
    first17 = f"5099{number % 100:02d}19{70 + number % 30}0{1 + number % 9}1{number % 10}{number:03d}"
    identity = first17 + id_check(first17)
    community = f"{PLACES[number % len(PLACES)]}社区"
    lng = None if unit.lng is None else round(unit.lng + (number % 9 - 4) * 0.0015, 6)
    lat = None if unit.lat is None else round(unit.lat + (number % 7 - 3) * 0.0015, 6)
    return Channel(
        code=code_for(f"shop:{number}"), type=ChannelType.MICRO_SHOP,
        name=f"{(unit.short_name or unit.name)[:20]}{community}邮政微店"[:60], unit=unit, status=ChannelStatus.ACTIVE,
        owner_name=name, owner_mobile=mobile, owner_mobile_index=mobile_index(mobile), owner_id_number=identity,
        owner_id_index=id_index(identity), address=f"{unit.name}{community}示例路 {number % 90 + 1} 号", lng=lng,
        lat=lat, business_scope=[BusinessScope.RETAIL, BusinessScope.PRODUCE],
        rank=(Rank.BRONZE, Rank.SILVER, Rank.GOLD)[number % 3], agreement_no=f"WD-SEED-{number:04d}",
        agreement_from=OPENED, agreement_to=date(2029, 2, 28), opened_on=OPENED + timedelta(days=number),
    )  # fmt: skip
