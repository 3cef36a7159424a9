"""News from the cashier (the code was paid, or closed, or its money went back elsewhere), and of our own sales."""

from __future__ import annotations

from saleor_o2o.cashier.events import OrderRefunded, PaymentClosed, PaymentConfirmed
from saleor_o2o.kernel.events import receives

from .events import CounterSalePaid
from .models import CounterSale, PaidBy
from .services.cancelling import note_closed
from .services.codes import note_money
from .services.pay_links import tell_pickup_code
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


@receives(CounterSalePaid, order=50, plugin="counter_sales")
def payer_was_elsewhere(event: CounterSalePaid) -> None:
    """A sale that was paid by a link: its customer needs the code to fetch the goods."""
    if event.paid_by == PaidBy.CODE:
        tell_pickup_code(CounterSale.objects.select_related("unit").get(pk=event.sale_id))
