"""Two counties with one of everything each, every text of a county recognisable by its mark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from saleor.account.models import Address, CustomerEvent, User
from saleor.order.models import Fulfillment, FulfillmentLine, Order, OrderEvent, OrderLine
from saleor.payment.models import Payment, Transaction
from saleor.product.models import ProductVariant

from plugins.org_hierarchy.models import OrderAttribution, OrgUnit
from saleor_o2o.cashier.models import (
    AttemptState,
    IntentState,
    Notification,
    NotificationState,
    PaymentAttempt,
    PaymentIntent,
    Refund,
    RefundState,
)
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import AuditEntry

PRICE = Decimal("39.90")


@dataclass
class Rows:
    """What one county has; `mark` stands in every text of it."""

    mark: str
    unit: OrgUnit
    customer: User
    address: Address
    order: Order
    line: OrderLine
    event: OrderEvent
    fulfillment: Fulfillment
    payment: Payment
    transaction: Transaction
    intent: PaymentIntent
    attempt: PaymentAttempt
    refund: Refund
    notification: Notification
    draft: Order
    audit: AuditEntry


def rows_at(unit: OrgUnit, mark: str, variant: ProductVariant | None = None, **order: Any) -> Rows:
    """Write a paid and partly refunded order with its money, a draft, their customer, and an audit line."""
    customer = User.objects.create_user(
        f"{mark}@example.com", "pass-word", first_name=f"{mark}名", last_name="周"
    )
    address = place(mark)
    customer.addresses.add(address)
    customer.default_shipping_address = customer.default_billing_address = address
    customer.save()
    CustomerEvent.objects.create(user=customer, type="note_added", parameters={"message": f"{mark}备注"})
    made = order_at(unit, mark, customer, **order)
    line = line_of(made, mark, variant)
    event = OrderEvent.objects.create(
        order=made, type="note_added", user=customer, parameters={"message": f"{mark}事件"}
    )
    OrderEvent.objects.create(order=made, type="placed", user=customer)
    fulfillment = Fulfillment.objects.create(order=made, tracking_number=f"{mark}运单")
    FulfillmentLine.objects.create(order_line=line, fulfillment=fulfillment, quantity=1)
    payment = Payment.objects.create(
        gateway="mirumee.payments.dummy", order=made, total=PRICE * 2, currency="CNY", captured_amount=PRICE * 2,
        charge_status="fully-charged", token=f"{mark}-token", billing_email=f"{mark}@example.com",
    )  # fmt: skip
    transaction = Transaction.objects.create(
        payment=payment, kind="capture", is_success=True, amount=PRICE * 2, currency="CNY", token=f"{mark}-t",
        gateway_response={},
    )  # fmt: skip
    until = now() + timedelta(minutes=15)
    intent = PaymentIntent.objects.create(
        number=f"{mark}-{uuid4().hex[:20]}", order=made, payment=payment, gateway="o2o.wechat_pay",
        state=IntentState.PAID, amount=PRICE * 2, currency="CNY", expires_at=until, attention=f"{mark}注意",
    )  # fmt: skip
    attempt = PaymentAttempt.objects.create(
        intent=intent, number=f"{mark}-{uuid4().hex[:20]}", method="native", state=AttemptState.PAID,
        amount=PRICE * 2, expires_at=until,
    )  # fmt: skip
    refund = Refund.objects.create(
        attempt=attempt, number=f"{mark}-{uuid4().hex[:20]}", amount=PRICE, reason="staff",
        state=RefundState.ABNORMAL, last_error=f"{mark}错误",
    )  # fmt: skip
    notification = Notification.objects.create(
        gateway="o2o.wechat_pay", external_id=f"{mark}-n", body=b"x", state=NotificationState.DEAD
    )
    draft = order_at(unit, mark, customer, status="draft")
    line_of(draft, mark, variant)
    audit = AuditEntry.objects.create(
        action="test.changed", actor=f"user:{mark}", subject_type="order.order", subject_id=str(made.pk),
        before={"name": f"{mark}旧"}, after={"name": f"{mark}新"}, org_path=unit.path,
    )  # fmt: skip
    return Rows(
        mark, unit, customer, address, made, line, event, fulfillment, payment, transaction, intent, attempt, refund,
        notification, draft, audit,
    )  # fmt: skip


def place(mark: str) -> Address:
    """An address of the county."""
    return Address.objects.create(
        first_name=f"{mark}名", last_name="周", street_address_1=f"{mark}路 1 号", city="渝中区", country_area="重庆市",
        postal_code="400010", country="CN", phone="+8613800138000",
    )  # fmt: skip


def order_at(unit: OrgUnit, mark: str, customer: User | None = None, **fields: Any) -> Order:
    """An order of two packs attributed to a unit."""
    order = Order.objects.create(
        **{
            "user": customer,
            "user_email": f"{mark}@example.com",
            "billing_address": place(mark),
            "shipping_address": place(mark),
            "total_net_amount": PRICE * 2,
            "total_gross_amount": PRICE * 2,
            "customer_note": f"{mark}留言",
            **fields,
        }
    )
    OrderAttribution.objects.create(order=order, unit=unit, org_path=unit.path, basis="test")
    return order


def line_of(order: Order, mark: str, variant: ProductVariant | None = None) -> OrderLine:
    """Two packs."""
    return OrderLine.objects.create(
        order=order, product_name=f"{mark}脐橙", variant_name="5 千克", product_sku=f"{mark}-SKU", quantity=2,
        is_shipping_required=True, unit_price_net_amount=PRICE, unit_price_gross_amount=PRICE, variant=variant,
    )  # fmt: skip
