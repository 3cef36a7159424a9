"""Sub-orders follow Saleor, whoever acts: the payer, the stock dashboard, the clock."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from saleor.order.models import Fulfillment, Order
from saleor.warehouse.models import Stock

from saleor_o2o.cashier.models import PaymentIntent, RiskRule
from saleor_o2o.cashier.services import closing
from saleor_o2o.cashier.services.reviewing import refuse_review
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.ordering.errors import OrderingError
from saleor_o2o.ordering.events import (
    OrderClosed,
    OrderCompleted,
    OrderPaid,
    OrderPlaced,
    SubOrderReady,
    SubOrderReceived,
    SubOrderShipped,
)
from saleor_o2o.ordering.models import OrderProfile, OrderTimeline, SubOrder, SubOrderLine
from saleor_o2o.ordering.numbers import read_number
from saleor_o2o.ordering.services.receiving import complete_all_due, receive, receive_all_due
from saleor_o2o.ordering.services.syncing import sync_order
from tests.buying import clerk
from tests.buying.books import deadline_passes
from tests.buying.shopper import ask
from tests.stock.world import gid, make_order

from .conftest import Mall, states, told, totals

WAITS = ["pending_payment"] * 4
READY = ["pending_shipment", "pending_shipment", "pending_pickup", "pending_shipment"]
UNDO = """mutation($id: ID!, $input: FulfillmentCancelInput!) {
  orderFulfillmentCancel(id: $id, input: $input) { orderErrors { field message } } }"""


def send(mall: Mall, order: Order, position: int, quantity: int | None = None) -> list[dict[str, Any]]:
    """Send a part of an order in the stock dashboard."""
    [line] = SubOrderLine.objects.filter(sub_order__order=order, sub_order__position=position)
    stocks = [{"quantity": quantity or line.quantity, "warehouse": gid("Warehouse", mall.world.warehouse)}]
    lines = [{"orderLineId": gid("OrderLine", line.order_line_id), "stocks": stocks}]
    variables = {"order": gid("Order", order), "input": {"lines": lines, "notifyCustomer": False}}
    return ask(clerk.FULFILL, variables, mall.world.admin)["orderFulfill"]["orderErrors"]


def test_a_placed_order_is_split(mall: Mall, order: Order) -> None:
    # then
    parts = SubOrder.objects.filter(order=order).order_by("position")
    assert [(one.seller_id, one.mode, one.line, one.goods, one.shipping, one.total) for one in parts] == [
        (None, "delivery", "goods", Decimal("79.80"), Decimal("5.71"), Decimal("85.51")),
        (mall.merchant.pk, "delivery", "goods", Decimal("60.00"), Decimal("4.29"), Decimal("64.29")),
        (None, "pickup", "service", Decimal("88.00"), Decimal("0.00"), Decimal("88.00")),
    ]
    assert sum(totals(order)) == order.total_gross_amount == Decimal("237.80")
    profile = OrderProfile.objects.get(order=order)
    assert (profile.line, profile.number[8:12], read_number(profile.number)) == (
        "mixed",
        "0000",
        profile.number,
    )
    assert read_number(f"{profile.number}-02") == profile.number
    assert profile.timers["goods"] == {
        "receive": 14400,
        "after_sale": 10080,
        "review": 21600,
        "complaint": 21600,
    }
    assert states(order) == WAITS
    assert told(order) == ["placed"]


def test_a_line_from_two_warehouses_is_two_parts(mall: Mall) -> None:
    # given
    mall.world.stock.quantity = 1
    mall.world.stock.save()
    Stock.objects.create(warehouse=mall.east, product_variant=mall.orange, quantity=5)

    # when
    order = mall.place({mall.orange: 3})

    # then
    parts = SubOrder.objects.filter(order=order).order_by("position")
    assert [(one.warehouse_id, one.lines.get().quantity) for one in parts] == [
        (mall.world.warehouse.pk, 1),
        (mall.east.pk, 2),
    ]
    assert sum(totals(order)) == order.total_gross_amount


def test_money_makes_it_ready_once(mall: Mall, order: Order) -> None:
    # when
    with capture_events() as events:
        mall.pay(order)
        sync_order(order.pk)

    # then
    assert states(order) == READY
    assert [event.mode for event in events.of(SubOrderReady)] == ["delivery", "delivery", "pickup"]
    assert events.of(OrderPaid) == [OrderPaid(order_id=order.pk, total=Decimal("237.80"))]
    assert told(order).count("paid") == 1


def test_sent_in_parts_received_and_completed(
    mall: Mall, order: Order, later: Callable[[Order], None]
) -> None:
    # given
    mall.pay(order)

    # when, then: one of two oranges, then the other; the card over the counter; the tea
    with capture_events() as events:
        assert send(mall, order, 1, 1) == []
        assert states(order) == ["partly_shipped", "pending_shipment", "pending_pickup", "partly_shipped"]
        assert send(mall, order, 1, 1) == []
        assert send(mall, order, 3) == []
        assert states(order) == ["shipped", "pending_shipment", "received", "partly_shipped"]
        assert send(mall, order, 2) == []
        assert states(order) == ["shipped", "shipped", "received", "shipped"]
    assert [(one.quantity, one.whole) for one in events.of(SubOrderShipped)] == [
        (1, False), (1, True), (1, True), (1, True),
    ]  # fmt: skip

    # when: the buyer has the first, the clock says so of the second
    first = SubOrder.objects.get(order=order, position=1)
    with capture_events() as events:
        assert [one.pk for one in receive(order.pk, [first.pk])] == [first.pk]
        assert receive(order.pk, [first.pk]) == []
        later(order)
        assert (receive_all_due(), receive_all_due()) == (1, 0)
    assert [one.by for one in events.of(SubOrderReceived)] == ["buyer", "auto"]
    assert states(order) == ["received"] * 4

    # when: the time for after-sale is over
    later(order)
    with capture_events() as events:
        assert (complete_all_due(), complete_all_due()) == (3, 0)
    assert states(order) == ["completed"] * 4
    assert events.of(OrderCompleted) == [OrderCompleted(order_id=order.pk)]
    assert [kind for kind in told(order) if kind not in ("payment", "mail")] == [
        "placed", "paid", "shipped", "shipped", "handed_over", "received", "shipped", "received", "received",
        "completed", "completed", "completed",
    ]  # fmt: skip


def test_what_has_not_left_cannot_be_received(mall: Mall, order: Order) -> None:
    # given
    mall.pay(order)
    send(mall, order, 1, 1)

    # when
    with pytest.raises(OrderingError) as refused:
        receive(order.pk)

    # then
    assert refused.value.code == "NOT_SHIPPED"
    assert states(order)[0] == "partly_shipped"


def test_a_parcel_taken_back_waits_again(mall: Mall, order: Order) -> None:
    # given
    mall.pay(order)
    send(mall, order, 1)
    assert states(order)[0] == "shipped"

    # when
    variables = {
        "id": gid("Fulfillment", Fulfillment.objects.get()),
        "input": {"warehouseId": gid("Warehouse", mall.world.warehouse)},
    }
    assert ask(UNDO, variables, mall.world.admin)["orderFulfillmentCancel"]["orderErrors"] == []

    # then
    assert states(order) == READY
    assert SubOrder.objects.get(order=order, position=1).receive_by is None
    assert told(order)[-1] == "shipment_cancelled"


def test_the_deadline_closes_with_its_reason(mall: Mall, order: Order) -> None:
    # given
    deadline_passes(order)

    # when
    with capture_events() as events:
        closing.expire_due()

    # then
    assert states(order) == ["closed"] * 4
    assert OrderProfile.objects.get(order=order).cancel_reason == "timeout"
    assert events.of(OrderClosed) == [OrderClosed(order_id=order.pk, reason="timeout")]


def test_a_payment_refused_for_risk_closes_with_that_reason(mall: Mall, order: Order) -> None:
    # given: paid, but people must look at it
    RiskRule.objects.create(min_amount=Decimal("50.00"), words="大额")
    mall.pay(order)
    assert states(order) == WAITS

    # when
    with capture_events() as events:
        refuse_review(mall.world.admin, PaymentIntent.objects.get(order=order).pk, "疑似盗刷")

    # then
    assert states(order) == ["closed"] * 4
    assert OrderProfile.objects.get(order=order).cancel_reason == "risk"
    assert events.of(OrderClosed) == [OrderClosed(order_id=order.pk, reason="risk")]


def test_the_dashboard_cancels(mall: Mall, order: Order) -> None:
    assert clerk.cancel(mall.world, order) == []
    assert states(order) == ["closed"] * 4
    assert OrderProfile.objects.get(order=order).cancel_reason == "staff"


def test_all_money_back_closes_and_part_of_it_does_not(mall: Mall, order: Order) -> None:
    # given
    mall.pay(order)

    # when, then
    assert clerk.refund(mall.world, order, "37.80") == []
    assert states(order) == READY
    assert OrderProfile.objects.get(order=order).refunded == Decimal("37.80")
    assert clerk.refund(mall.world, order, "200.00") == []
    assert states(order) == ["closed"] * 4
    assert OrderProfile.objects.get(order=order).cancel_reason == "refunded"


def test_a_draft_gets_its_parts_when_it_is_placed(mall: Mall) -> None:
    # given
    draft = make_order(mall.world, status="draft")
    assert not OrderProfile.objects.filter(order=draft).exists()

    # when
    complete = "mutation($id: ID!) { draftOrderComplete(id: $id) { orderErrors { message } } }"
    with capture_events() as events:
        done = ask(complete, {"id": gid("Order", draft)}, mall.world.admin)["draftOrderComplete"]
    assert done["orderErrors"] == []
    assert events.of(OrderPlaced) == [
        OrderPlaced(order_id=draft.pk, total=draft.total.gross.amount, gateway="")
    ]

    # then
    assert states(draft) == ["pending_payment"] * 2
    assert clerk.fulfill(mall.world, draft) == []  # stock lets unpaid drafts go
    assert states(draft) == ["shipped"] * 2


def test_an_order_of_before_is_adopted(mall: Mall) -> None:
    # given
    old = make_order(mall.world)

    # when
    sync_order(old.pk)
    sync_order(old.pk)

    # then
    assert states(old) == ["pending_payment"] * 2
    assert sum(totals(old)) == old.total_gross_amount
    assert told(old) == ["placed"]


def test_nobody_changes_the_timeline(mall: Mall, order: Order) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        OrderTimeline.objects.filter(order=order).update(text="别的")
    with pytest.raises(DatabaseError), transaction.atomic():
        OrderTimeline.objects.filter(order=order).delete()
