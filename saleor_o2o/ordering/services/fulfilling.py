"""Handing goods over: under the order's lock, and never before the money is here."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from saleor.core.exceptions import InsufficientStock
from saleor.order import OrderStatus
from saleor.order.actions import create_fulfillments
from saleor.order.models import Fulfillment, Order, OrderLine
from saleor.warehouse.models import Allocation, Stock

from saleor_o2o.cashier.interfaces import awaits_money
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows

from ..error_codes import OrderingErrorCode
from ..models import SubOrderLine


class FulfilmentRefused(DomainError):
    """The goods stay where they are."""


def lock_for_fulfilment(pk: Any) -> Order | None:
    """Lock an order, so that nobody sends the same line twice, then the stock rows of its variants in order.

    Must run in a transaction; None where there is no such order. Raises FulfilmentRefused ORDER_NOT_PAID while the
    order waits for its money, LockTimeout.
    """
    rows = lock_rows(Order.objects.filter(pk=pk))
    if awaits_money(pk):
        raise FulfilmentRefused(OrderingErrorCode.ORDER_NOT_PAID, _("订单尚未付款，到账后才能发货"), "order")
    variants = OrderLine.objects.filter(order_id=pk, variant__isnull=False).values("variant_id")
    lock_rows(Stock.objects.filter(product_variant_id__in=variants))
    return rows[0] if rows else None


def fulfil_all(
    order: Order,
    user: Any,
    *,
    notify: bool = False,
    only: Mapping[int, int] | None = None,
    warehouse: Any = None,
) -> list[Fulfillment]:
    """Send what is left of an order *locked* by `lock_for_fulfilment`, from where it is allocated.

    `only`: so many pieces of these lines (by key) and nothing else; the rest stays allocated for later. `warehouse`:
    only what is allocated in this one (by key). Raises FulfilmentRefused NOTHING_TO_FULFIL (cancelled, sent before, or
    more asked for than is left of a line) and INSUFFICIENT_STOCK (the goods were taken out of the warehouse's count).
    """
    back = dict(
        SubOrderLine.objects.filter(sub_order__order=order, withdrawn__gt=0)
        .order_by()
        .values_list("order_line_id")
        .annotate(Sum("withdrawn"))
    )
    left = {
        line.pk: line
        for line in order.lines.select_related("variant")
        if line.quantity_unfulfilled - back.get(line.pk, 0) > 0
    }
    if order.status in (OrderStatus.CANCELED, OrderStatus.DRAFT) or not left:
        raise FulfilmentRefused(OrderingErrorCode.NOTHING_TO_FULFIL, _("订单已取消，或已全部交付"), "order")
    wanted = {pk: line.quantity_unfulfilled for pk, line in left.items()} if only is None else dict(only)
    if not wanted or any(pk not in left for pk in wanted):
        raise FulfilmentRefused(
            OrderingErrorCode.NOTHING_TO_FULFIL, _("所选商品不在订单里，或已全部交付"), "lines"
        )
    if any(not 1 <= quantity <= left[pk].quantity_unfulfilled for pk, quantity in wanted.items()):
        raise FulfilmentRefused(
            OrderingErrorCode.NOTHING_TO_FULFIL, _("交付数量须在 1 与未交付数量之间"), "lines"
        )
    made: list[Fulfillment] = []
    try:
        # Stock's row of the lowest key first, which is the order in which stock takes allocations away.
        for place, parts in groupby(_parts(left, wanted, warehouse), key=lambda part: part[0]):
            lines = [{"order_line": line, "quantity": quantity} for _warehouse, line, quantity in parts]
            made += create_fulfillments(user, order, {place: lines}, notify)
    except InsufficientStock as error:
        raise FulfilmentRefused(
            OrderingErrorCode.INSUFFICIENT_STOCK, _("仓库账面库存不足，请先核对库存"), "order"
        ) from error
    return made


def _parts(
    left: Mapping[int, OrderLine], wanted: Mapping[int, int], only: Any = None
) -> list[tuple[Any, OrderLine, int]]:
    """Which warehouse gives how much of which line; with `only` no other one does."""
    missing = dict(wanted)
    parts = []
    held = Allocation.objects.filter(order_line__in=list(wanted), quantity_allocated__gt=0)
    if only is not None:
        held = held.filter(stock__warehouse_id=only)
    for found in held.select_related("stock").order_by("stock_id", "pk"):
        quantity = min(found.quantity_allocated, missing[found.order_line_id])
        if quantity:
            missing[found.order_line_id] -= quantity
            parts.append((found.stock.warehouse_id, left[found.order_line_id], quantity))
    for pk in wanted:
        line = left[pk]
        if line.variant is None or line.variant.track_inventory:
            continue
        shelf = line.variant.stocks.order_by("pk").first()
        if shelf is None:
            raise FulfilmentRefused(
                OrderingErrorCode.INSUFFICIENT_STOCK, _("这件商品没有存放的仓库，请先登记库存"), "order"
            )
        parts.append((shelf.warehouse_id, line, missing[pk]))
    return parts
