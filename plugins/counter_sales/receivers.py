"""News from the cashier: the code was paid, or closed."""

from __future__ import annotations

from saleor_o2o.cashier.events import PaymentClosed, PaymentConfirmed
from saleor_o2o.kernel.events import receives

from .services.cancelling import note_closed
from .services.codes import note_money


@receives(PaymentConfirmed, order=40, plugin="counter_sales")
def sale_is_paid(event: PaymentConfirmed) -> None:
    """The customer's money is here: the sale is paid by code."""
    note_money(event.order_id)


@receives(PaymentClosed, order=40, plugin="counter_sales")
def sale_is_closed(event: PaymentClosed) -> None:
    """The order was cancelled with its code: so is the sale."""
    note_closed(event.order_id, event.reason)
