"""News from the cashier: the code was paid, or closed, or its money went back elsewhere."""

from __future__ import annotations

from saleor_o2o.cashier.events import OrderRefunded, PaymentClosed, PaymentConfirmed
from saleor_o2o.kernel.events import receives

from .services.cancelling import note_closed
from .services.codes import note_money
from .services.refunds import note_given_back


@receives(PaymentConfirmed, order=40, plugin="counter_sales")
def sale_is_paid(event: PaymentConfirmed) -> None:
    """The customer's money is here: the sale is paid by code."""
    note_money(event.order_id)


@receives(PaymentClosed, order=40, plugin="counter_sales")
def sale_is_closed(event: PaymentClosed) -> None:
    """The order was cancelled with its code: so is the sale."""
    note_closed(event.order_id, event.reason)


@receives(OrderRefunded, order=40, plugin="counter_sales")
def sale_gave_back(event: OrderRefunded) -> None:
    """An after-sale or the dashboard gave money of the sale back: the counter must not offer it again."""
    note_given_back(event.order_id)
