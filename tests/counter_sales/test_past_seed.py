"""The example city's past orders hang together: sold, paid, sent and told agree, and a second run adds none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F, Sum
from saleor.order.models import Order
from saleor.payment.models import Payment, Transaction
from saleor.warehouse.models import Allocation, Stock

from plugins.channels.models import (
    Channel,
    CustomerBinding,
    PoolGoods,
    Shop,
    ShopGoods,
    ShopTemplate,
)
from plugins.channels.types import ChannelStatus, ChannelType
from plugins.counter_sales.seeds_past import MARK, seed
from plugins.org_hierarchy.models import OrderAttribution, OrgUnit
from saleor_o2o.kernel.models import EventRecord
from saleor_o2o.ordering.interfaces import sync_order
from saleor_o2o.ordering.models import OrderProfile, OrderTimeline, SubOrder, SubOrderLine
from saleor_o2o.seeding.context import SeedContext
from tests.orgs import small_org
from tests.stock.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> dict[str, OrgUnit]:
    """Three shops with goods, a counter, the website, goods in the city's warehouse."""
    org, world = small_org(), make_world()
    stock = Stock.objects.get(product_variant=world.variant)
    stock.warehouse.slug = "chongqing-city"
    stock.warehouse.save(update_fields=["slug"])
    template = ShopTemplate.objects.create(code="standard", name="标准", shop_name="店")
    goods = PoolGoods.objects.create(variant=world.variant, floor=1, ceiling=100)
    for number in range(3):
        shop = Channel.objects.create(
            code=f"SHP{number}", type=ChannelType.MICRO_SHOP, name=f"店 {number}", unit=org["B111"],
            status=ChannelStatus.ACTIVE, agreement_no=f"WD-SEED-{number:04d}",
        )  # fmt: skip
        made = Shop.objects.create(channel=shop, name=shop.name, template=template)
        ShopGoods.objects.create(shop=made, goods=goods, price=Decimal("18.88"))
    Channel.objects.create(
        code="CNTR", type=ChannelType.OUTLET, name="网点", unit=org["O1111"], status=ChannelStatus.ACTIVE
    )
    Channel.objects.create(
        code="WEBS", type=ChannelType.WEB, name="网站", unit=org["CQ"], status=ChannelStatus.ACTIVE
    )
    return org


def run() -> dict[str, int]:
    context = SeedContext(say=lambda _text: None)
    seed(context)
    return context.created


def picture(order: int) -> list[Any]:
    return [
        list(OrderProfile.objects.filter(pk=order).values()),
        list(SubOrder.objects.filter(order_id=order).order_by("pk").values()),
        list(SubOrderLine.objects.filter(sub_order__order_id=order).order_by("pk").values()),
        OrderTimeline.objects.filter(order_id=order).count(),
    ]


def test_following_saleor_finds_everything_in_place(city: dict[str, OrgUnit]) -> None:
    # given
    made = run()["历史订单"]
    orders = list(Order.objects.filter(checkout_token__startswith=MARK).order_by("pk"))
    assert len(orders) == made > 60

    # then: whoever follows the order later changes nothing
    for order in orders:
        before = picture(order.pk)
        sync_order(order.pk)
        assert picture(order.pk) == before
    # and the oldest come first
    assert [order.created for order in orders] == sorted(order.created for order in orders)


def test_amounts_agree(city: dict[str, OrgUnit]) -> None:
    # when
    run()

    # then
    parts = SubOrder.objects.values("order").annotate(
        whole=Sum("total"), asked=F("order__total_gross_amount")
    )
    assert parts and not parts.exclude(whole=F("asked"))
    sold = Order.objects.filter(checkout_token__startswith=MARK, status="fulfilled")
    assert sold.exclude(payments__captured_amount=F("total_gross_amount")).count() == 0
    # the money counts for the day of its order, not for today
    assert not Payment.objects.exclude(created=F("order__created")).exists()
    assert not Transaction.objects.exclude(created=F("payment__order__created")).exists()
    closed = Order.objects.filter(checkout_token__startswith=MARK, status="canceled")
    assert not Payment.objects.filter(order__in=closed).exists()
    assert OrderProfile.objects.filter(order__in=closed).exclude(state="closed").count() == 0


def test_everything_has_its_unit_and_nothing_is_announced(city: dict[str, OrgUnit]) -> None:
    # given
    events, stock = EventRecord.objects.count(), list(Stock.objects.values_list("pk", "quantity"))

    # when
    run()

    # then
    orders = Order.objects.filter(checkout_token__startswith=MARK)
    assert OrderAttribution.objects.filter(order__in=orders).count() == orders.count()
    paths = set(OrderAttribution.objects.values_list("org_path", "channel_code"))
    branch = city["B111"].path
    assert paths == {
        (branch, "SHP0"), (branch, "SHP1"), (branch, "SHP2"), (city["O1111"].path, "CNTR"), (city["CQ"].path, "WEBS"),
    }  # fmt: skip
    assert OrderProfile.objects.exclude(org_path=F("order__o2o_attribution__org_path")).count() == 0
    assert EventRecord.objects.count() == events
    assert not Allocation.objects.exists()
    assert list(Stock.objects.values_list("pk", "quantity")) == stock
    # an order of a customer who is bound is of the shop he is bound to
    for order in orders.filter(user__isnull=False).select_related("o2o_attribution"):
        bound = CustomerBinding.objects.get(customer_id=order.user_id)
        assert order.o2o_attribution.channel_code == bound.channel.code


def test_a_second_run_adds_nothing(city: dict[str, OrgUnit]) -> None:
    # given
    run()
    count = Order.objects.count()

    # then
    assert run() == {}
    assert Order.objects.count() == count


def test_a_bare_city_is_left_alone() -> None:
    # then
    assert run() == {}
