"""News of orders: each brings an order's exchanges to where the order's parts stand."""

from __future__ import annotations

from plugins.after_sale.events import AfterSaleRefunded
from saleor_o2o.cashier.events import OrderRefunded
from saleor_o2o.kernel.events import receives
from saleor_o2o.ordering.events import OrderClosed

from .services.exchanging import follow


@receives(AfterSaleRefunded, order=70, plugin="points_mall")
def after_sale_refunded(event: AfterSaleRefunded) -> None:
    """Pieces went back."""
    follow(event.order_id)


@receives(OrderRefunded, order=70, plugin="points_mall")
def order_refunded(event: OrderRefunded) -> None:
    """Money went back, perhaps the last of it."""
    follow(event.order_id)


@receives(OrderClosed, order=70, plugin="points_mall")
def order_closed(event: OrderClosed) -> None:
    """Cancelled, or all of it is back."""
    follow(event.order_id)
