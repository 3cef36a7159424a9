"""News of money: refunds that arrived or failed; orders whose money went back another way void their tickets."""

from __future__ import annotations

from plugins.counter_sales.events import CounterSaleRefunded
from saleor_o2o.cashier.events import OrderRefunded, RefundFailed
from saleor_o2o.kernel.events import receives
from saleor_o2o.ordering.events import OrderClosed, OrderPaid

from .events import TicketsIssued
from .services import change_paying, giving_back, insuring, issuing
from .services.voiding import void_if_repaid


@receives(OrderPaid, order=60, plugin="ticketing")
def order_paid(event: OrderPaid) -> None:
    """Its tickets are to be issued."""
    issuing.order_paid(event.order_id)
    change_paying.paid(event.order_id)


@receives(TicketsIssued, order=60, plugin="ticketing")
def tickets_issued(event: TicketsIssued) -> None:
    """Their insurances are asked for."""
    insuring.begin(event.ticket_order_id)


@receives(OrderRefunded, order=60, plugin="ticketing")
def order_refunded(event: OrderRefunded) -> None:
    """Money went back: ours has arrived, or somebody else's takes the tickets along."""
    if giving_back.arrived(event.key) is None:
        void_if_repaid(event.order_id)


@receives(RefundFailed, order=60, plugin="ticketing")
def refund_failed(event: RefundFailed) -> None:
    """People must look."""
    giving_back.failed(event.key, event.code)


@receives(CounterSaleRefunded, order=60, plugin="ticketing")
def sale_refunded(event: CounterSaleRefunded) -> None:
    """Cash went back over the counter."""
    void_if_repaid(event.order_id)


@receives(OrderClosed, order=60, plugin="ticketing")
def order_closed(event: OrderClosed) -> None:
    """It was cancelled, or all of its money is back."""
    issuing.order_closed(event.order_id)
    change_paying.ended(event.order_id)
    void_if_repaid(event.order_id)
