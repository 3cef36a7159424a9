"""What ordering tells the others, after the commit. Amounts in yuan.

Keys: events about an order or one of its parts are published under `order:<pk>`. A part is a sub-order: what one
seller sends from one place in one way.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from saleor_o2o.kernel.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    """An order exists and its stock is allocated; it may or may not be paid. ``total`` in yuan. Once per order.

    ``gateway``: chosen with the cart; "" where nothing was chosen yet (a counter's sale, a draft of the staff).
    """

    name = "ordering.order_placed"

    order_id: int
    total: Decimal
    gateway: str


class OrderPaid(Event):
    """The order's money is here, whoever took it: the cashier, the counter, stock's own gateways. Once per order."""

    name = "ordering.order_paid"

    order_id: int
    total: Decimal


class OrderPriceChanged(Event):
    """The staff changed the price of an unpaid order; its sub-orders and its payment intent follow."""

    name = "ordering.order_price_changed"

    order_id: int
    before: Decimal
    after: Decimal


class OrderCompleted(Event):
    """Every part is completed: nothing more can be asked of the seller in the ordinary way. Money may be settled."""

    name = "ordering.order_completed"

    order_id: int


class OrderClosed(Event):
    """Every part is closed: cancelled, or all of its money went back. ``reason`` is a `CancelReason`."""

    name = "ordering.order_closed"

    order_id: int
    reason: str


class OrderReaddressed(Event):
    """Where an order goes was changed after it was placed; read the order's address."""

    name = "ordering.order_readdressed"

    order_id: int


class SubOrderReady(Event):
    """A part is paid and waits to be shipped, picked up or verified: dispatching begins here."""

    name = "ordering.sub_order_ready"

    sub_order_id: int
    order_id: int
    mode: str


class SubOrderShipped(Event):
    """Goods of a part have left; ``whole`` says whether all of them. Published for every parcel."""

    name = "ordering.sub_order_shipped"

    sub_order_id: int
    order_id: int
    quantity: int
    whole: bool


class SubOrderRecalled(Event):
    """Something that had left (or was handed over) came back before it was received: a fulfilment was cancelled."""

    name = "ordering.sub_order_recalled"

    sub_order_id: int
    order_id: int
    quantity: int


class SubOrderReceived(Event):
    """The buyer has all of a part. ``by`` is a `ReceivedBy`: the buyer said so, the clock did, or it was seen."""

    name = "ordering.sub_order_received"

    sub_order_id: int
    order_id: int
    by: str


class SubOrderCompleted(Event):
    """The after-sale time of a part is over."""

    name = "ordering.sub_order_completed"

    sub_order_id: int
    order_id: int


class SubOrderClosed(Event):
    """A part is closed. ``reason`` is a `CancelReason`."""

    name = "ordering.sub_order_closed"

    sub_order_id: int
    order_id: int
    reason: str


class SubOrderReopened(Event):
    """What closed a part was taken back (a refund failed); ``state`` is where it stands now."""

    name = "ordering.sub_order_reopened"

    sub_order_id: int
    order_id: int
    state: str
