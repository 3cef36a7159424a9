"""What ordering does when it hears of money: the sub-orders follow where no hook of stock's tells of it."""

from __future__ import annotations

from saleor_o2o.cashier.events import OrderRefundRequested, RefundFailed
from saleor_o2o.kernel.events import receives

from .services.syncing import sync_order


@receives(RefundFailed, order=40, plugin="ordering")
def refund_failed(event: RefundFailed) -> None:
    """The money stays with us: what the refund had closed is open again."""
    sync_order(event.order_id)


@receives(OrderRefundRequested, order=40, plugin="ordering")
def refund_requested(event: OrderRefundRequested) -> None:
    """Stock's `orderRefund` tells of a refund in a step of its own, before which a process may die."""
    sync_order(event.order_id)
