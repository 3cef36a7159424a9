"""From the shopper's hold to the distributor's gate and back: real commits, real HTTP, everything that can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from saleor.order.models import Order

from plugins.ticketing.admission.models import AdmissionProduct, Redemption, TicketClass
from plugins.ticketing.admission.services.catalogue import move_product
from plugins.ticketing.admission.services.selling import hold_admission
from plugins.ticketing.admission.services.wishing import Ask, TicketAsk
from plugins.ticketing.admission.suppliers.distributor import ADAPTER
from plugins.ticketing.distribution.upstream.catalogue import take_over
from plugins.ticketing.kernel.choices import (
    CallKind,
    OrderState,
    RefundCause,
    RefundState,
    TicketState,
    Trade,
)
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import (
    RefundRequest,
    SupplierAccount,
    SupplierNotice,
    Ticket,
    TicketOrder,
)
from plugins.ticketing.kernel.passengers import Passenger, PassengerType
from plugins.ticketing.kernel.services.calls import sweep
from plugins.ticketing.kernel.services.expiring import expire_due
from plugins.ticketing.kernel.services.refunding import refund_without_asking
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.documents import DocumentKind, birth_in
from saleor_o2o.ordering.baskets import Basket
from saleor_o2o.ordering.services.basket_placing import place_basket
from sandbox.client import SandboxClient, wait_until
from tests.after_sale.conftest import Shop, shop, world  # noqa: F401 - fixtures
from tests.buying.shopper import GATEWAY, start

from .conftest import citizen, weekday

DAY, TODAY = weekday(), today()
Knock = Callable[..., tuple[int, str]]


@dataclass
class Counter:
    """A shop that sells the distributor's tickets."""

    shop: Shop
    account: SupplierAccount
    scenic: SandboxClient
    count: int = field(default=0)

    def offer(self, spot: str) -> AdmissionProduct:
        """A spot taken over and put on sale."""
        take_over(self.account, spot=spot)
        product = AdmissionProduct.objects.get(supplier=self.account, supplier_code=spot)
        if product.state != "on_sale":
            move_product(None, product, "put_on_sale")
        return product

    def hold(self, code: str, count: int, day: date, *, people: int = 0) -> TicketOrder:
        """Held for the shopper, the first `people` with names."""
        self.offer(code[:4])
        row = TicketClass.objects.get(supplier_code=code)
        self.count += 1
        asks = [TicketAsk(row.pk, passenger=visitor(one) if one < people else None) for one in range(count)]
        ask = Ask(row.product_id, asks, "online", day=day, contact="陈渝江", mobile="13800000001")
        return hold_admission(ask, key=f"key-0000-{self.count:04d}", user=self.shop.shopper)

    def place(self, held: TicketOrder) -> Order:
        self.count += 1
        basket = Basket(lines=(), holds=[(held.number, "")])
        return place_basket(
            f"basket-000000-{self.count:04d}", basket, user=self.shop.shopper, discounts=[], gateway=GATEWAY
        )

    def pay(self, order: Order) -> None:
        provider = self.shop.provider
        known = set(provider.trades)
        assert start(order)["errors"] == []
        [number] = set(provider.trades) - known
        provider.trades[number].state = TradeState.PAID
        confirm_paid(provider.fact(number))

    def buy(self, code: str, count: int, day: date, **told: Any) -> TicketOrder:
        held = self.hold(code, count, day, **told)
        self.pay(self.place(held))
        return fresh(held)


def fresh(order: TicketOrder) -> TicketOrder:
    return TicketOrder.objects.select_related("order", "supplier").get(pk=order.pk)


def visitor(index: int) -> Passenger:
    number = citizen(index)
    birth = birth_in(DocumentKind.ID_CARD, number)
    assert birth is not None
    return Passenger(f"游客{index}", DocumentKind.ID_CARD, number, birth, PassengerType.ADULT)


def tickets_of(order: TicketOrder) -> list[Ticket]:
    return list(order.tickets.order_by("pk"))


@pytest.fixture
def counter(shop: Shop, scenic: SandboxClient) -> Counter:  # noqa: F811
    account = SupplierAccount.objects.create(
        code="scenic", name="景区票务分销平台", trade=Trade.SCENIC, adapter=ADAPTER
    )
    return Counter(shop, account, scenic)


def test_from_the_hold_to_the_gate(counter: Counter, knock: Knock) -> None:
    # given
    held = counter.hold("FJ01-E", 3, TODAY)
    locked = counter.scenic.call("GET", "/scenic/orders")["orders"][0]

    # when: held, paid, somebody goes in
    counter.pay(counter.place(held))
    order = fresh(held)
    code = tickets_of(order)[0].their_number
    counter.scenic.call("POST", "/scenic/consume", {"code": code, "quantity": 2})
    assert knock() == (200, "0")

    # then
    assert (held.state, locked["status"], locked["orderQuantity"]) == (OrderState.HELD, "LOCKED", 3)
    assert (order.state, order.their_number) == (OrderState.ISSUED, locked["orderNo"])
    assert [ticket.state for ticket in tickets_of(order)] == ["used", "used", "issued"]
    assert code in order.pick_code
    assert sum(row.quantity for row in Redemption.objects.filter(ticket__ticket_order=order)) == 2
    assert order.vouchers.count() >= 1 and SupplierNotice.objects.get().state == "done"


def test_sold_out_while_somebody_chooses(counter: Counter) -> None:
    # given: our calendar still says that there are some
    counter.offer("FJ01")
    counter.scenic.call("POST", "/scenic/stock", {"product": "FJ01-E", "day": str(DAY), "total": 1})

    # when
    with pytest.raises(TicketError) as refusal:
        counter.hold("FJ01-E", 2, DAY)

    # then
    assert refusal.value.code == "SOLD_OUT"
    assert TicketOrder.objects.get().state == OrderState.HOLD_FAILED


def test_a_price_that_moved_since_it_was_taken_over(counter: Counter) -> None:
    # given
    counter.offer("FJ01")
    row = TicketClass.objects.get(supplier_code="FJ01-E")
    row.days.filter(day=DAY).update(settlement_price=1)
    ask = Ask(row.product_id, [TicketAsk(row.pk)], "online", day=DAY, contact="陈", mobile="13800000001")

    # when
    with pytest.raises(TicketError) as refusal:
        hold_admission(ask, key="key-price-0001", user=counter.shop.shopper)

    # then
    assert refusal.value.code == "PRICE_CHANGED"


@pytest.mark.parametrize("kind", ["answer_lost", "not_json"])
def test_a_lost_answer_to_the_hold_is_found(counter: Counter, kind: str) -> None:
    # given
    counter.offer("FJ01")
    counter.scenic.fault("order.create", kind, system="scenic")

    # when
    order = counter.buy("FJ01-E", 2, DAY)

    # then
    assert order.state == OrderState.ISSUED
    assert len(counter.scenic.call("GET", "/scenic/orders")["orders"]) == 1


def test_a_lost_answer_to_the_payment_never_pays_twice(counter: Counter) -> None:
    # given
    before = counter.scenic.call("GET", "/")["systems"]["scenic"]["balance"]
    counter.scenic.fault("order.pay", "answer_lost", system="scenic")
    counter.scenic.fault("order.query", "down", system="scenic")

    # when: nobody knows at first
    order = counter.buy("FJ01-E", 1, DAY)
    unknown = order.state
    with frozen(now() + timedelta(minutes=5)):
        sweep()

    # then
    order = fresh(order)
    there = counter.scenic.call("GET", "/scenic/orders")["orders"]
    after = counter.scenic.call("GET", "/")["systems"]["scenic"]["balance"]
    assert (unknown, order.state) == (OrderState.ISSUING, OrderState.ISSUED)
    assert before - after == there[0]["totalAmount"] and len(there) == 1


def test_confirmed_later_and_told_twice(counter: Counter, knock: Knock) -> None:
    # given
    counter.scenic.fault("order.pay", "late_confirm", system="scenic", delay=120)

    # when
    order = counter.buy("FJ01-E", 1, DAY)
    waiting = order.state
    wait_until(lambda: bool(counter.scenic.call("GET", "/scenic/notices")["notices"]))
    answers = [knock(), knock()]

    # then
    order = fresh(order)
    assert (waiting, order.state, answers) == (OrderState.ISSUING, OrderState.ISSUED, [(200, "0")] * 2)
    assert [ticket.state for ticket in tickets_of(order)] == ["issued"]


def test_never_confirmed_gives_the_money_back(counter: Counter, knock: Knock) -> None:
    # given
    counter.scenic.fault("order.pay", "confirm_failed", system="scenic", delay=60)
    order = counter.buy("FJ01-E", 1, DAY)
    wait_until(lambda: bool(counter.scenic.call("GET", "/scenic/notices")["notices"]))

    # when
    knock()

    # then: nobody else has it, so all of the money goes back
    order = fresh(order)
    assert order.state == OrderState.ISSUE_FAILED
    assert OrderRefund.objects.get(intent__order=order.order).amount == order.total


def test_a_refund_that_somebody_there_audits(counter: Counter, knock: Knock) -> None:
    # given: two of a class whose refunds are audited
    counter.scenic.call("POST", "/scenic/options", {"audit": "manual"})
    order = counter.buy("FJ01-E", 2, DAY)

    # when
    request = refund_without_asking(
        order, "refund-0000-0001", cause=RefundCause.SESSION_CANCELLED, reason="景区闭园"
    )
    assert request is not None
    waiting = RefundRequest.objects.get(pk=request.pk)
    states = [ticket.state for ticket in tickets_of(order)]
    call = order.calls.get(kind=CallKind.REFUND)
    counter.scenic.call("POST", "/scenic/refunds/decide", {"number": call.number})
    knock()

    # then
    done = RefundRequest.objects.get(pk=request.pk)
    assert (waiting.state, states) == (RefundState.AT_SUPPLIER, [TicketState.REFUNDING] * 2)
    assert done.state in (RefundState.PAYING, RefundState.DONE)
    assert done.supplier_back == sum(ticket.cost for ticket in tickets_of(order))
    assert [ticket.state for ticket in tickets_of(order)] == [TicketState.REFUNDED] * 2
    assert (
        counter.scenic.call("GET", f"/scenic/orders/{order.calls.get(kind='lock').number}")["reQuantity"] == 2
    )


def test_a_refund_that_is_refused_there_counts_again(counter: Counter, knock: Knock) -> None:
    # given
    counter.scenic.call("POST", "/scenic/options", {"audit": "manual"})
    order = counter.buy("FJ01-E", 1, DAY)
    request = refund_without_asking(
        order, "refund-0000-0002", cause=RefundCause.SESSION_CANCELLED, reason="闭园"
    )
    assert request is not None
    call = order.calls.get(kind=CallKind.REFUND)

    # when
    counter.scenic.call("POST", "/scenic/refunds/decide", {"number": call.number, "approve": False})
    knock()

    # then: the ticket is good again, or people look because it was the spot's own fault
    after = RefundRequest.objects.get(pk=request.pk)
    assert after.state in (RefundState.REFUSED, RefundState.AUDIT)
    if after.state == RefundState.REFUSED:
        assert [ticket.state for ticket in tickets_of(order)] == [TicketState.ISSUED]


def test_a_hold_that_nobody_pays_is_freed_there(counter: Counter) -> None:
    # given
    held = counter.hold("FJ01-E", 2, DAY)
    # when
    with frozen(now() + timedelta(minutes=16)):
        expire_due()

    # then
    assert fresh(held).state == OrderState.CLOSED
    assert counter.scenic.call("GET", "/scenic/orders")["orders"][0]["status"] == "CANCELLED"
