"""News of orders and members: what somebody bought is counted anew, as things stand now."""

from __future__ import annotations

from plugins.members.events import MembersMerged
from saleor_o2o.cashier.events import OrderRefunded
from saleor_o2o.kernel.events import receives
from saleor_o2o.ordering.events import OrderClosed, OrderCompleted, OrderPaid

from .services.figures import count, count_of_order
from .services.surveys import ask_of_order


@receives(OrderPaid, order=90, plugin="member_operations")
def order_paid(event: OrderPaid) -> None:
    """One more order."""
    count_of_order(event.order_id)


@receives(OrderRefunded, order=90, plugin="member_operations")
def order_refunded(event: OrderRefunded) -> None:
    """Less money."""
    count_of_order(event.order_id)


@receives(OrderClosed, order=90, plugin="member_operations")
def order_closed(event: OrderClosed) -> None:
    """Perhaps an order less."""
    count_of_order(event.order_id)


@receives(OrderCompleted, order=90, plugin="member_operations")
def order_completed(event: OrderCompleted) -> None:
    """Would you recommend us?"""
    ask_of_order(event.order_id)


@receives(MembersMerged, order=90, plugin="member_operations")
def members_merged(event: MembersMerged) -> None:
    """The orders have moved already."""
    count([event.kept_id, event.absorbed_id])
