"""The example city's past six weeks: what micro-shops, counters and the website sold, for boards and maps to show.

Orders of the past, taken over with `ordering.take_over`: paid by other means (Saleor's `manual`, as stock marks an
order paid), handed over, without mails, events, floats or stock. The same in every run, but for the day it is counted
from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery
from saleor.account.models import Address, User
from saleor.order import FulfillmentStatus, OrderStatus
from saleor.order.models import Fulfillment, FulfillmentLine, Order, OrderLine
from saleor.payment import ChargeStatus, CustomPaymentChoices, TransactionKind
from saleor.payment.models import Payment, Transaction
from saleor.product.models import ProductVariant
from saleor.shipping.models import ShippingMethod
from saleor.warehouse.models import Stock

from plugins.channels.interfaces import Channel, ChannelStatus, ChannelType, CustomerBinding
from plugins.org_hierarchy.interfaces import OrderAttribution
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.ordering.interfaces import WITH_KINDS, Past, ReceivedBy, take_over
from saleor_o2o.seeding.context import SeedContext
from saleor_o2o.seeding.regions import PROVINCE

#: What marks an order of this seed (`Order.checkout_token`).
MARK = "example-past-"
DAYS = 42
#: Counters and neighbours that appear; how many orders the website had.
COUNTERS, NEIGHBOURS, WEB = 60, 80, 60
#: From so many yuan on the parcel is free; below it costs what the method says.
FREE_FROM, FREE, PARCEL = Decimal(99), "邮政快递包裹 满99元包邮", "邮政快递包裹（5千克内）"
SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ("静", "伟", "芳", "洋", "敏", "强", "丽", "磊", "燕", "军")
BATCH = 500


@dataclass(slots=True)
class Plan:
    """An order to be written."""

    at: datetime
    key: str
    channel: Channel
    basis: str
    offers: Sequence[tuple[ProductVariant, Decimal]]
    delivered: bool
    customer: User | None = None


def seed(context: SeedContext) -> None:
    """Write them once; a second run, or a city without channels or goods, changes nothing."""
    if Order.objects.filter(checkout_token__startswith=MARK).exists():
        return
    with transaction.atomic():
        plans = sorted(_plans(_neighbours(context)), key=lambda plan: plan.at)
        context.count("历史订单", _write(plans))


def _number(text: str, below: int) -> int:
    """The same number for the same text, whenever and wherever."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % below


def _shops() -> list[Channel]:
    shops = Channel.objects.filter(
        type=ChannelType.MICRO_SHOP, status=ChannelStatus.ACTIVE, agreement_no__startswith="WD-SEED-"
    )
    return list(shops.select_related("unit", "shop").order_by("pk"))


def _neighbours(context: SeedContext) -> dict[int, list[User]]:
    """Customers who came to the first shops and are theirs; nobody can log in as one."""
    shops = _shops()[: NEIGHBOURS // 2]
    if not shops:
        return {}
    people = User.objects.bulk_create(
        User(
            email=f"neighbour{number:03d}@example.com", password="!",  # noqa: S106 - no password at all
            first_name=SURNAMES[number % len(SURNAMES)] + GIVEN[number // 3 % len(GIVEN)],
            date_joined=now() - timedelta(days=number % DAYS + 3),
        )
        for number in range(NEIGHBOURS)
    )  # fmt: skip
    found: dict[int, list[User]] = {}
    bindings = []
    for number, person in enumerate(people):
        shop = shops[number % len(shops)]
        found.setdefault(shop.pk, []).append(person)
        since = now() - timedelta(days=number % DAYS + 2)
        bindings.append(
            CustomerBinding(
                customer=person, channel=shop, basis="first", bound_at=since, actor="system",
                protected_until=since + timedelta(days=30),
            )
        )  # fmt: skip
    CustomerBinding.objects.bulk_create(bindings)
    context.count("邻里客户", len(people))
    return found


def _plans(neighbours: dict[int, list[User]]) -> Iterable[Plan]:
    """Which shop, counter and page sold what, and when."""
    variants = list(
        ProductVariant.objects.filter(stocks__warehouse__slug="chongqing-city", product__is_published=True)
        .select_related(*WITH_KINDS)
        .order_by("pk")
    )
    if not variants:
        return
    prices = {one.pk: one.price_override_amount or one.product.price_amount for one in variants}
    of_key = {one.pk: one for one in variants}
    for place, shop in enumerate(_shops()):
        own = (
            shop.shop.offers.filter(is_active=True)
            .order_by("position")
            .values_list("goods__variant", "price")
        )
        offers = [(of_key[key], price) for key, price in own if key in of_key]
        customers = neighbours.get(shop.pk, [])
        # some sell every few days, some hardly at all
        for turn in range(1 + place * 7 % 9 if offers else 0):
            key = f"shop-{place}-{turn}"
            customer = customers[turn % len(customers)] if customers and turn % 3 else None
            basis = "binding" if customer is not None else "shop_code"
            yield Plan(
                _moment(key), key, shop, basis, _basket(key, offers), _number(f"{key}/how", 5) < 2, customer
            )
    goods = [(one, prices[one.pk]) for one in variants]
    counters = Channel.objects.filter(type=ChannelType.OUTLET, status=ChannelStatus.ACTIVE).select_related(
        "unit"
    )
    for place, counter in enumerate(counters.order_by("unit__code")[:COUNTERS]):
        for turn in range(1 + place * 5 % 4):
            key = f"counter-{place}-{turn}"
            yield Plan(_moment(key), key, counter, "operator", _basket(key, goods), delivered=False)
    web = (
        Channel.objects.filter(type=ChannelType.WEB, status=ChannelStatus.ACTIVE)
        .select_related("unit")
        .first()
    )
    if web is None:
        return
    for turn in range(WEB):
        key = f"web-{turn}"
        yield Plan(_moment(key), key, web, "city", _basket(key, goods), delivered=True)


def _moment(key: str) -> datetime:
    """Some day of the last weeks, in shop hours, and before now."""
    day = (now() - timedelta(days=_number(f"{key}/day", DAYS))).date()
    minute = 8 * 60 + _number(f"{key}/minute", 12 * 60)
    at = datetime.combine(day, time.min, SHANGHAI) + timedelta(minutes=minute)
    return at if at < now() - timedelta(hours=1) else at - timedelta(days=1)


def _basket(
    key: str, offers: Sequence[tuple[ProductVariant, Decimal]]
) -> list[tuple[ProductVariant, Decimal]]:
    first = _number(f"{key}/goods", len(offers))
    picked = [offers[(first + step * 5) % len(offers)] for step in range(1 + _number(f"{key}/lines", 2))]
    return list({variant.pk: (variant, price) for variant, price in picked}.values())


def _write(plans: Sequence[Plan]) -> int:
    """All rows of all orders, in bulk, the oldest first."""
    methods = {one.name: one for one in ShippingMethod.objects.select_related("o2o_mode").order_by("-pk")}
    stocks = {
        stock.product_variant_id: stock
        for stock in Stock.objects.filter(warehouse__slug="chongqing-city").select_related("warehouse")
    }
    addresses = iter(Address.objects.bulk_create(_address(plan) for plan in plans if plan.delivered))
    orders, lines_of = [], []
    for plan in plans:
        lines = [_line(plan, variant, price) for variant, price in plan.offers]
        worth = sum((line.unit_price_gross_amount * line.quantity for line in lines), Decimal(0))
        method = methods.get(FREE if worth >= FREE_FROM else PARCEL) if plan.delivered else None
        freight = method.price.amount if method is not None else Decimal(0)
        total = worth + freight
        address = next(addresses) if plan.delivered else None
        unpaid = _number(f"{plan.key}/paid", 20) == 0
        orders.append(
            Order(
                created=plan.at, status=OrderStatus.CANCELED if unpaid else OrderStatus.FULFILLED,
                user=plan.customer, user_email=plan.customer.email if plan.customer else "",
                language_code="zh-hans", shipping_address=address, billing_address=address,
                shipping_method=method, shipping_method_name=method.name if method is not None else "网点自提",
                shipping_price_net_amount=freight, shipping_price_gross_amount=freight, total_net_amount=total,
                total_gross_amount=total, currency="CNY", token=f"{MARK}{plan.key}",
                checkout_token=f"{MARK}{plan.key}",
            )
        )  # fmt: skip
        lines_of.append(lines)
    Order.objects.bulk_create(orders, batch_size=BATCH)
    for order, lines in zip(orders, lines_of, strict=True):
        for line in lines:
            line.order = order
            line.quantity_fulfilled = line.quantity if order.status == OrderStatus.FULFILLED else 0
    OrderLine.objects.bulk_create((line for lines in lines_of for line in lines), batch_size=BATCH)
    _attribute(orders, plans)
    sold = [order for order in orders if order.status == OrderStatus.FULFILLED]
    _pay(sold)
    _send(sold, {order.pk: lines for order, lines in zip(orders, lines_of, strict=True)}, stocks)
    moment = now()
    past = [
        _past(order, plan, lines, stocks, moment)
        for order, plan, lines in zip(orders, plans, lines_of, strict=True)
    ]
    return take_over(past, moment=moment)


def _line(plan: Plan, variant: ProductVariant, price: Decimal) -> OrderLine:
    return OrderLine(
        variant=variant, product_name=variant.product.name, variant_name=variant.name, product_sku=variant.sku,
        is_shipping_required=variant.is_shipping_required(), quantity=1 + _number(f"{plan.key}/{variant.pk}", 2),
        currency="CNY", unit_price_net_amount=price, unit_price_gross_amount=price,
    )  # fmt: skip


def _address(plan: Plan) -> Address:
    name = plan.customer.first_name if plan.customer else SURNAMES[_number(plan.key, len(SURNAMES))] + "先生"
    return Address(
        first_name=name, street_address_1=f"示例路 {_number(plan.key, 300) + 1} 号", city="渝中区",
        country_area=PROVINCE, postal_code="400010", country="CN", phone="+8613800000000",
    )  # fmt: skip


def _attribute(orders: Sequence[Order], plans: Sequence[Plan]) -> None:
    rows = [
        OrderAttribution(
            order=order, unit=plan.channel.unit, org_path=plan.channel.unit.path, channel_type=plan.channel.type,
            channel_code=plan.channel.code, basis=plan.basis, made_at=plan.at,
        )
        for order, plan in zip(orders, plans, strict=True)
    ]  # fmt: skip
    OrderAttribution.objects.bulk_create(rows, batch_size=BATCH)


def _pay(orders: Sequence[Order]) -> None:
    """As when somebody marks an order paid: one payment by other means, wholly captured."""
    payments = Payment.objects.bulk_create(
        (
            Payment(
                gateway=CustomPaymentChoices.MANUAL, order=order, token=order.token, total=order.total_gross_amount,
                captured_amount=order.total_gross_amount, currency="CNY", charge_status=ChargeStatus.FULLY_CHARGED,
                billing_email=order.user_email,
            )
            for order in orders
        ),
        batch_size=BATCH,
    )  # fmt: skip
    Transaction.objects.bulk_create(
        (
            Transaction(
                payment=payment, kind=TransactionKind.CAPTURE, token=payment.token, is_success=True,
                amount=payment.total, currency="CNY", gateway_response={},
            )
            for payment in payments
        ),
        batch_size=BATCH,
    )  # fmt: skip
    made = Subquery(Order.objects.filter(pk=OuterRef("order_id")).values("created")[:1])
    keys = [payment.pk for payment in payments]
    # both tables note the moment of writing: of the past it is the day of the order that counts
    Payment.objects.filter(pk__in=keys).update(created=made, modified=made)
    taken = Subquery(Payment.objects.filter(pk=OuterRef("payment_id")).values("created")[:1])
    Transaction.objects.filter(payment__in=keys).update(created=taken)


def _send(orders: Sequence[Order], lines_of: dict[int, list[OrderLine]], stocks: dict[int, Stock]) -> None:
    parcels = Fulfillment.objects.bulk_create(
        (
            Fulfillment(order=order, fulfillment_order=1, status=FulfillmentStatus.FULFILLED)
            for order in orders
        ),
        batch_size=BATCH,
    )
    FulfillmentLine.objects.bulk_create(
        (
            FulfillmentLine(
                fulfillment=parcel, order_line=line, quantity=line.quantity, stock=stocks[line.variant_id]
            )
            for parcel in parcels
            for line in lines_of[parcel.order_id]
        ),
        batch_size=BATCH,
    )
    made = Subquery(Order.objects.filter(pk=OuterRef("order_id")).values("created")[:1])
    Fulfillment.objects.filter(pk__in=[parcel.pk for parcel in parcels]).update(created=made)


def _past(
    order: Order, plan: Plan, lines: Sequence[OrderLine], stocks: dict[int, Stock], moment: datetime
) -> Past:
    places: dict[int, list[tuple[Any, int]]] = {
        line.pk: [(stocks[line.variant_id].warehouse_id, line.quantity)] for line in lines
    }
    if order.status == OrderStatus.CANCELED:
        return Past(order, lines, places, closed_at=order.created + timedelta(minutes=30))
    paid_at = order.created + timedelta(minutes=2 + _number(f"{plan.key}/pay", 9))
    if not plan.delivered:
        handed = paid_at + timedelta(minutes=5 + _number(f"{plan.key}/hand", 40))
        return Past(order, lines, places, paid_at=paid_at, sent_at=handed, received_at=handed)
    sent_at = min(paid_at + timedelta(hours=6 + _number(f"{plan.key}/send", 40)), moment)
    arrives = sent_at + timedelta(hours=30 + _number(f"{plan.key}/way", 60))
    by = ReceivedBy.BUYER if _number(f"{plan.key}/by", 3) else ReceivedBy.AUTO
    return Past(
        order, lines, places, paid_at=paid_at, sent_at=sent_at, received_at=arrives if arrives <= moment else None,
        received_by=by.value,
    )  # fmt: skip
