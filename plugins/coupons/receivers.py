"""What coupons do when they hear of members and orders. Each looks at how things stand; twice changes nothing."""

from __future__ import annotations

from decimal import Decimal

from saleor.order.models import Order

from plugins.after_sale.events import AfterSaleRefunded
from plugins.channels.events import CodeScanned
from plugins.members.events import MemberRegistered
from plugins.members.interfaces import Member
from saleor_o2o.kernel.events import receives
from saleor_o2o.ordering.events import OrderClosed, OrderCompleted, OrderPaid, SubOrderReopened

from .choices import Mode
from .services.giving import give_by
from .services.scanning import scanned
from .services.using import close_of_order, refund_of_order, reopen_of_order, use_of_order


@receives(OrderPaid, order=50, plugin="coupons")
def order_paid(event: OrderPaid) -> None:
    """Its coupons are used."""
    use_of_order(event.order_id)


@receives(OrderClosed, order=50, plugin="coupons")
def order_closed(event: OrderClosed) -> None:
    """Its coupons come back."""
    close_of_order(event.order_id)


@receives(AfterSaleRefunded, order=50, plugin="coupons")
def after_sale_refunded(event: AfterSaleRefunded) -> None:
    """Pieces went back: their share of the coupons is nobody's cost any more."""
    before = event.before or (Decimal(0),) * len(event.order_lines)
    shares = {
        line: (done, back, paid)
        for line, done, back, paid in zip(event.order_lines, before, event.amounts, event.paid, strict=True)
    }
    refund_of_order(event.order_id, f"after_sale:{event.after_sale_id}", shares)


@receives(SubOrderReopened, order=50, plugin="coupons")
def sub_order_reopened(event: SubOrderReopened) -> None:
    """A refund failed: the order has its coupons again, where they are still there."""
    reopen_of_order(event.order_id)


@receives(OrderCompleted, order=60, plugin="coupons")
def order_completed(event: OrderCompleted) -> None:
    """消费返券: by what the order cost, less what went back."""
    order = Order.objects.filter(pk=event.order_id).select_related("o2o_profile").first()
    member = Member.objects.filter(user_id=order.user_id).first() if order and order.user_id else None
    if order is not None and member is not None:
        total = order.total_gross_amount - order.o2o_profile.refunded
        give_by(Mode.ORDER, member, f"order:{order.pk}", total=total)


@receives(MemberRegistered, order=60, plugin="coupons")
def member_registered(event: MemberRegistered) -> None:
    """新人: once per member."""
    member = Member.objects.filter(pk=event.member_id).first()
    if member is not None:
        give_by(Mode.NEWCOMER, member, "once")


@receives(CodeScanned, order=60, plugin="coupons")
def code_scanned(event: CodeScanned) -> None:
    """扫网点码: in the official account, by whoever is a member already or becomes one by it."""
    member = Member.objects.filter(user_id=event.customer_id).first()
    if member is not None:
        scanned(member, event.channel_id)
