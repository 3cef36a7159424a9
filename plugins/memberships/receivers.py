"""News of orders and their money: each brings an order's terms to where its facts say."""

from __future__ import annotations

from decimal import Decimal

from plugins.after_sale.events import AfterSaleRefunded
from plugins.counter_sales.events import CounterSaleRefunded
from saleor_o2o.cashier.events import OrderRefunded, RefundFailed
from saleor_o2o.kernel.events import receives
from saleor_o2o.ordering.events import OrderClosed, OrderPaid, SubOrderReopened

from .events import MembershipExtended
from .models import BenefitUse
from .services import buying, granting
from .services.refunding import follow_order
from .sources import release


@receives(OrderPaid, order=60, plugin="memberships")
def order_paid(event: OrderPaid) -> None:
    """What it bought begins at once."""
    buying.begin(event.order_id)


@receives(AfterSaleRefunded, order=60, plugin="memberships")
def after_sale_refunded(event: AfterSaleRefunded) -> None:
    """All of a line's money went back."""
    before = event.before or (Decimal(0),) * len(event.order_lines)
    told = zip(event.order_lines, before, event.amounts, event.paid, strict=True)
    gone = tuple(line for line, earlier, amount, paid in told if earlier + amount >= paid)
    follow_order(event.order_id, lines_gone=gone)


@receives(OrderRefunded, order=60, plugin="memberships")
def order_refunded(event: OrderRefunded) -> None:
    """Money went back."""
    follow_order(event.order_id)


@receives(RefundFailed, order=60, plugin="memberships")
def refund_failed(event: RefundFailed) -> None:
    """It did not go back after all."""
    follow_order(event.order_id, failed_key=event.key)


@receives(CounterSaleRefunded, order=60, plugin="memberships")
def sale_refunded(event: CounterSaleRefunded) -> None:
    """Cash went back over the counter."""
    follow_order(event.order_id)


@receives(OrderClosed, order=60, plugin="memberships")
def order_closed(event: OrderClosed) -> None:
    """It ended unpaid, or all of the money is back: so are the times its freight was free."""
    follow_order(event.order_id)
    if BenefitUse.objects.filter(order_id=event.order_id).exists():
        release(event.order_id)


@receives(MembershipExtended, order=60, plugin="memberships")
def membership_extended(event: MembershipExtended) -> None:
    """Its coupons of this period come at once."""
    granting.give_to(event.membership_id)


@receives(SubOrderReopened, order=60, plugin="memberships")
def sub_order_reopened(event: SubOrderReopened) -> None:
    """What closed it was taken back."""
    follow_order(event.order_id)
