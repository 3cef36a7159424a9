"""People of every kind and one row of everything the pages show."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from measurement.measures import Weight
from saleor.account.models import Address, User
from saleor.core.permissions import get_permissions
from saleor.discount.models import Voucher
from saleor.giftcard.models import GiftCard
from saleor.order.models import Fulfillment, FulfillmentLine, Order, OrderEvent, OrderLine
from saleor.payment.models import Payment, Transaction
from saleor.product.models import Category, Product, ProductType, ProductVariant
from saleor.warehouse.models import Stock, Warehouse

from saleor_o2o.cashier.models import (
    AttemptState,
    BlacklistEntry,
    CardMovement,
    IntentState,
    MethodRule,
    Notification,
    NotificationState,
    OfflineTransfer,
    OrderRefund,
    Orphan,
    PartRefund,
    PaymentAttempt,
    PaymentIntent,
    PaymentPart,
    Refund,
    RefundState,
    RiskRule,
)
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import AuditEntry, EventDelivery, EventRecord, IdempotencyRecord, StateMove

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def people(db: None) -> dict[str, User | None]:
    """Somebody of each kind, by what they may."""
    groups = {
        "orders": ["manage_orders"],
        "products": ["manage_products"],
        "none": [],
    }
    codes = {one.codename: one for one in get_permissions()}
    found: dict[str, User | None] = {"anonymous": None}
    for name, wanted in groups.items():
        user = User.objects.create_user(f"{name}@example.com", "pass-word", is_staff=True)
        group = Group.objects.create(name=f"组-{name}")
        group.permissions.set([codes[code] for code in wanted])
        user.groups.add(group)
        found[name] = user
    found["superuser"] = User.objects.create_superuser("root@example.com", "pass-word")
    found["shopper"] = User.objects.create_user("xiaojiang@example.com", "pass-word", first_name="李晓江")
    return found


@pytest.fixture
def visit(people: dict[str, User | None]) -> Callable[..., Any]:
    """Get a page as somebody."""

    clients: dict[str, Client] = {}

    def get(who: str, address: str, data: dict[str, Any] | None = None, method: str = "get") -> Any:
        if who not in clients:
            clients[who] = Client()
            if people[who] is not None:
                clients[who].force_login(people[who], backend=BACKEND)
        return getattr(clients[who], method)(address, data or {})

    return get


@pytest.fixture
def variant(db: None) -> ProductVariant:
    kind = ProductType.objects.create(name="生鲜", slug="fresh", weight=Weight(kg=1))
    category = Category(name="柑橘", slug="citrus")
    category.save()
    product = Product.objects.create(
        name="奉节脐橙",
        slug="oranges",
        product_type=kind,
        category=category,
        price_amount=Decimal("39.90"),
        minimal_variant_price_amount=Decimal("39.90"),
        is_published=True,
    )
    variant = ProductVariant(product=product, sku="5002360113", name="5斤装", weight=Weight(kg=2.7))
    variant.save()
    address = Address.objects.create(city="奉节县", country_area="重庆市", country="CN", postal_code="404600")
    warehouse = Warehouse.objects.create(name="奉节仓", slug="fengjie", address=address)
    Stock.objects.create(warehouse=warehouse, product_variant=variant, quantity=3)
    return variant


@pytest.fixture
def place(people: dict[str, User | None], variant: ProductVariant) -> Callable[..., Order]:
    """Write an order of two packs with its money: ``paid``, ``pending`` or ``refunded``."""

    def make(money: str = "paid", at: datetime | None = None) -> Order:
        moment = at or now()
        shopper = people["shopper"]
        address = Address.objects.create(
            first_name="李晓江",
            street_address_1="中山四路示例小区1栋",
            city="渝中区",
            country_area="重庆市",
            country="CN",
            phone="+8613800000001",
        )
        total = Decimal("79.80")
        order = Order.objects.create(
            user=shopper,
            user_email=shopper.email,
            shipping_address=address,
            billing_address=address,
            total_net_amount=total,
            total_gross_amount=total,
            created=moment,
        )
        line = OrderLine.objects.create(
            order=order,
            variant=variant,
            product_name="奉节脐橙",
            variant_name="5斤装",
            product_sku=variant.sku,
            is_shipping_required=True,
            quantity=2,
            unit_price_net_amount=Decimal("39.90"),
            unit_price_gross_amount=Decimal("39.90"),
        )
        OrderEvent.objects.create(order=order, type="placed", user=shopper, date=moment)
        fulfillment = Fulfillment.objects.create(order=order, tracking_number="9800000000001")
        FulfillmentLine.objects.create(order_line=line, fulfillment=fulfillment, quantity=2)
        paid = money != "pending"
        payment = Payment.objects.create(
            gateway="o2o.wechat_pay",
            order=order,
            total=total,
            currency="CNY",
            captured_amount=total if paid else 0,
            charge_status="fully-charged" if paid else "not-charged",
        )
        intent = PaymentIntent.objects.create(
            number=uuid4().hex,
            order=order,
            payment=payment,
            gateway="o2o.wechat_pay",
            state=IntentState.PAID if paid else IntentState.PENDING,
            amount=total,
            currency="CNY",
            expires_at=moment + timedelta(minutes=15),
            created_at=moment,
        )
        attempt = PaymentAttempt.objects.create(
            intent=intent,
            number=uuid4().hex,
            method="native",
            state=AttemptState.PAID if paid else AttemptState.OPEN,
            amount=total,
            expires_at=moment + timedelta(minutes=15),
            payer_id="openid-of-somebody",
        )
        kinds = {"paid": ["capture"], "pending": [], "refunded": ["capture", "refund"]}[money]
        for kind in ["auth", *kinds]:
            amount = Decimal("39.90") if kind == "refund" else total
            row = Transaction.objects.create(
                payment=payment,
                kind=kind,
                is_success=True,
                amount=amount,
                currency="CNY",
                gateway_response={"secret": "inside"},
            )
            Transaction.objects.filter(pk=row.pk).update(created=moment)
        if money == "refunded":
            Refund.objects.create(
                attempt=attempt,
                number=uuid4().hex,
                amount=Decimal("39.90"),
                reason="staff",
                state=RefundState.ABNORMAL,
            )
        return order

    return make


def _paid_in_parts(order: Order) -> None:
    """A part of the order by card, one by transfer, a refund over them, and rules for such payments."""
    intent = PaymentIntent.objects.get(order=order)
    card = GiftCard.objects.create(
        code="CARD-SECRET-0001", initial_balance_amount=Decimal(20), current_balance_amount=Decimal(10)
    )
    part = PaymentPart.objects.create(
        intent=intent,
        number=uuid4().hex,
        kind="gift_card",
        ref=str(card.pk),
        label="储值卡 ****0001",
        amount=10,
    )
    CardMovement.objects.create(
        card=card, part=part, kind="hold", amount=-10, balance_after=10, biz_key=uuid4().hex
    )
    whole = OrderRefund.objects.create(intent=intent, number=uuid4().hex, key=uuid4().hex, amount=5)
    PartRefund.objects.create(order_refund=whole, part=part, number=uuid4().hex, amount=5)
    OfflineTransfer.objects.create(
        number=uuid4().hex, intent=intent, payer_name="王建国", voucher=b"x", state="submitted", amount=10
    )
    Orphan.objects.create(kind="money_of_cancelled", subject=f"order.Order:{order.pk}", order=order, amount=5)
    MethodRule.objects.create(method="gift_card")
    RiskRule.objects.create(min_amount=100)
    BlacklistEntry.objects.create(
        kind="phone", value="13900000009", value_index="x", label="139****0009", reason="盗刷"
    )


@pytest.fixture
def everything(place: Callable[..., Order]) -> Order:
    """One row at least of every model with a page."""
    order = place("refunded")
    _paid_in_parts(order)
    Voucher.objects.create(code="YUYOU10", discount_value=10, currency="CNY")
    Notification.objects.create(
        gateway="o2o.wechat_pay", external_id="n-1", body=b"bytes-of-a-payer", state=NotificationState.DEAD
    )
    event = EventRecord.objects.create(name="order.paid", payload={"order": order.pk}, key=str(order.pk))
    EventDelivery.objects.create(
        event=event, receiver="somebody", status=EventDelivery.Status.DEAD, next_attempt_at=now()
    )
    StateMove.objects.create(
        subject_type="o2o_cashier.paymentintent",
        subject_id=str(order.payment_intents.get().pk),
        field="state",
        transition="mark_paid",
        source="pending",
        target="paid",
        actor="system",
    )
    AuditEntry.objects.create(action="cashier.replayed", actor="system", before={"a": 1}, after={"a": 2})
    IdempotencyRecord.objects.create(
        scope="checkout", key="k-1", fingerprint="f", claim=uuid4(), lease_until=now(), expires_at=now()
    )
    return order
