"""News of orders, told to the members who follow."""

from __future__ import annotations

from saleor.order.models import Order

from saleor_o2o.cashier.events import OrderRefunded
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import receives
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.ordering.events import OrderPaid, SubOrderReady, SubOrderShipped
from saleor_o2o.ordering.interfaces import DeliveryMode, pickup_code_of, profile_of

from .models import Occasion
from .services.sending import plan


def _about(order_id: int, **more: str) -> tuple[int | None, dict[str, str]]:
    """Whom to tell of an order, and what every message may say of it."""
    order = Order.objects.prefetch_related("lines").get(pk=order_id)
    lines = list(order.lines.all())
    goods = lines[0].product_name if lines else ""
    if len(lines) > 1:
        goods = f"{goods} 等 {len(lines)} 件商品"
    values = {"number": _number(order_id), "goods": goods, "amount": format_yuan(order.total_gross_amount)}
    return order.user_id, {**values, "time": f"{now():%Y-%m-%d %H:%M}", **more}


def _number(order_id: int) -> str:
    """The number by which the buyer knows the order, as on the pages and slips."""
    profile = profile_of(order_id)
    return profile.number if profile is not None else str(order_id)


@receives(OrderPaid, order=80, plugin="official_account")
def tell_paid(event: OrderPaid) -> None:
    """付款成功."""
    plan(*_whom(event.order_id, Occasion.PAID, f"paid:{event.order_id}"))


@receives(SubOrderReady, order=80, plugin="official_account")
def tell_ready(event: SubOrderReady) -> None:
    """可以自提: for parts that the buyer fetches, with the code on the slip, else the order's number."""
    if event.mode == DeliveryMode.PICKUP:
        code = pickup_code_of(event.order_id) or _number(event.order_id)
        plan(*_whom(event.order_id, Occasion.READY, f"ready:{event.sub_order_id}", code=code))


@receives(SubOrderShipped, order=80, plugin="official_account")
def tell_shipped(event: SubOrderShipped) -> None:
    """已发货: once for each part, with its first parcel."""
    plan(*_whom(event.order_id, Occasion.SHIPPED, f"shipped:{event.sub_order_id}"))


@receives(OrderRefunded, order=80, plugin="official_account")
def tell_refunded(event: OrderRefunded) -> None:
    """退款到账."""
    key = f"refunded:{event.order_refund_id}"
    plan(*_whom(event.order_id, Occasion.REFUNDED, key, amount=format_yuan(event.amount)))


def _whom(order_id: int, occasion: str, key: str, **more: str) -> tuple[int | None, str, str, dict[str, str]]:
    user_id, values = _about(order_id, **more)
    return user_id, str(occasion), key, values
