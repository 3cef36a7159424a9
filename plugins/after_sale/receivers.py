"""What after-sale does when it hears of a refund."""

from __future__ import annotations

from saleor_o2o.cashier.events import OrderRefunded, RefundFailed
from saleor_o2o.kernel.events import receives

from .services.refunding import arrived, failed


@receives(OrderRefunded, order=60, plugin="after_sale")
def refund_arrived(event: OrderRefunded) -> None:
    """All of the money is with the customer."""
    arrived(event.key)


@receives(RefundFailed, order=60, plugin="after_sale")
def refund_failed(event: RefundFailed) -> None:
    """People must look."""
    failed(event.key, event.code)
