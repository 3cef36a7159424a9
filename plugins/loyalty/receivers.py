"""News of orders and their money: each brings the order's points to where its facts say (`services.earning`)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.after_sale.events import AfterSaleRefunded
from plugins.counter_sales.events import CounterSaleHanded, CounterSaleRefunded
from plugins.members.interfaces import Member, MemberStatus, current, register_text, tell
from saleor_o2o.cashier.events import OrderRefunded, OrderRefundRequested, RefundFailed
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.events import receives
from saleor_o2o.ordering.events import OrderClosed, OrderCompleted, OrderPaid, SubOrderReceived

from . import deductions
from .events import PointsExpiring
from .rules import last_day
from .services import bearing, consenting, earning, recharging, referring
from .services.earning import note_after_sale

OCCASION = "points_expiring"

register_text(
    OCCASION,
    _("您有 %(points)s 积分将于 %(date)s 到期，可在下单时抵扣，或到邮政网点兑换。"),
    _("积分到期提醒"),
)


def reckon(order_id: int) -> None:
    """The points, the balance and the member prices of an order to where the order's facts say."""
    earning.reckon(order_id)
    deductions.follow(order_id)
    recharging.follow(order_id)
    bearing.follow(order_id)


@receives(OrderPaid, order=60, plugin="loyalty")
def order_paid(event: OrderPaid) -> None:
    """What it recharges is the member's at once; what member prices cost is written."""
    recharging.fill(event.order_id)
    bearing.follow(event.order_id)


@receives(OrderCompleted, order=60, plugin="loyalty")
def order_completed(event: OrderCompleted) -> None:
    """Nothing more can be asked of the seller: the buyer has earned it."""
    reckon(event.order_id)


@receives(OrderCompleted, order=61, plugin="loyalty")
def friends_order_completed(event: OrderCompleted) -> None:
    """Whoever brought the buyer along is thanked, once."""
    referring.reward(event.order_id)


@receives(SubOrderReceived, order=60, plugin="loyalty")
def part_received(event: SubOrderReceived) -> None:
    """At a counter the goods are in the customer's hands: that is enough."""
    reckon(event.order_id)


@receives(CounterSaleHanded, order=60, plugin="loyalty")
def sale_handed(event: CounterSaleHanded) -> None:
    """The same, told by the counter."""
    reckon(event.order_id)


@receives(AfterSaleRefunded, order=60, plugin="loyalty")
def after_sale_refunded(event: AfterSaleRefunded) -> None:
    """Money of single lines went back."""
    note_after_sale(event.after_sale_id, event.order_id, event.order_lines, event.amounts, event.freight)
    reckon(event.order_id)


@receives(OrderRefundRequested, order=60, plugin="loyalty")
def refund_requested(event: OrderRefundRequested) -> None:
    """Money is on its way back: its points are not to be used meanwhile."""
    reckon(event.order_id)


@receives(OrderRefunded, order=60, plugin="loyalty")
def order_refunded(event: OrderRefunded) -> None:
    """Money went back."""
    reckon(event.order_id)


@receives(RefundFailed, order=60, plugin="loyalty")
def refund_failed(event: RefundFailed) -> None:
    """It did not go back after all."""
    reckon(event.order_id)


@receives(CounterSaleRefunded, order=60, plugin="loyalty")
def sale_refunded(event: CounterSaleRefunded) -> None:
    """Cash went back over the counter."""
    reckon(event.order_id)


@receives(OrderClosed, order=60, plugin="loyalty")
def order_closed(event: OrderClosed) -> None:
    """Cancelled, or all of the money is back; what a member agreed to for it is void."""
    consenting.give_up_of_order(event.order_id)
    reckon(event.order_id)


@receives(PointsExpiring, order=60, plugin="loyalty")
def points_expiring(event: PointsExpiring) -> None:
    """The member is told, while there is time to use them."""
    member = current(Member.objects.get(pk=event.member_id))
    if member.status == MemberStatus.ACTIVE:
        words = {"points": str(event.points), "date": f"{last_day(event.expires_at):%Y-%m-%d}"}
        tell(member, OCCASION, f"points:{member.pk}:{event.expires_at:%Y%m%d}:{today():%Y%m%d}", words)
