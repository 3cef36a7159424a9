"""Pieces whose money goes back: those that have not left never leave, and the parts follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus
from saleor.order.actions import cancel_order
from saleor.order.models import Order, OrderLine
from saleor.warehouse.management import deallocate_stock, increase_stock
from saleor.warehouse.models import Allocation, Stock

from saleor_o2o.kernel.locks import lock_rows

from ..choices import CancelReason
from ..error_codes import OrderingErrorCode
from ..locks import lock_sub_orders
from ..models import SubOrderLine
from .fulfilling import FulfilmentRefused
from .syncing import set_reason, sync_order


def withdraw(
    order: Order,
    pieces: Mapping[int, tuple[int, int]],
    *,
    restock: Mapping[int, int] | None = None,
    user: Any = None,
) -> None:
    """Write that pieces went back: by sub-order line how many had not left, and how many had.

    What had not left is free for others at once; `restock` says how many of those that had left go back on the part's
    shelf. When nothing of the whole order ever left, the order is cancelled. `order` is *locked*; locks: stock rows of
    its variants, then its sub-orders. Raises FulfilmentRefused SHIPPED_MEANWHILE when fewer are left unsent.
    """
    lines = {
        line.pk: line
        for line in SubOrderLine.objects.filter(sub_order__order=order).select_related(
            "order_line__variant", "sub_order__warehouse"
        )
    }
    for key, (unsent, _sent) in pieces.items():
        line = lines[key]
        if unsent > line.quantity - line.shipped - line.withdrawn:
            raise FulfilmentRefused(
                OrderingErrorCode.SHIPPED_MEANWHILE, _("商品已经发出，不能再按未发货退款"), "lines"
            )
    variants = [lines[key].order_line.variant_id for key in pieces]
    lock_rows(Stock.objects.filter(product_variant_id__in=[one for one in variants if one]))
    for key, (unsent, _sent) in sorted(pieces.items()):
        _free(lines[key].order_line, unsent)
        _shelve(lines[key], (restock or {}).get(key, 0))
    lock_sub_orders(order.pk)
    for key, (unsent, sent) in sorted(pieces.items()):
        SubOrderLine.objects.filter(pk=key).update(
            withdrawn=F("withdrawn") + unsent, returned=F("returned") + sent
        )
    never = SubOrderLine.objects.filter(sub_order__order=order).exclude(withdrawn=F("quantity"))
    if not never.exists() and order.status != OrderStatus.CANCELED:
        set_reason(order.pk, CancelReason.REFUNDED)
        cancel_order(order, user)
    sync_order(order.pk)


def _free(line: OrderLine, quantity: int) -> None:
    held = Allocation.objects.filter(order_line=line).aggregate(held=Sum("quantity_allocated"))["held"] or 0
    if min(held, quantity):
        deallocate_stock(line, min(held, quantity))


def _shelve(line: SubOrderLine, quantity: int) -> None:
    variant, shelf = line.order_line.variant, line.sub_order.warehouse
    if quantity and variant is not None and variant.track_inventory and shelf is not None:
        increase_stock(line.order_line, shelf, quantity)


def check_to_send(order_id: int, wanted: Mapping[int, int]) -> None:
    """Refuse to send more of a line than is still owed. By order line: how many. For whoever holds the order's lock.

    Raises FulfilmentRefused WITHDRAWN.
    """
    back: dict[int, int] = defaultdict(int)
    rows = SubOrderLine.objects.filter(sub_order__order_id=order_id, withdrawn__gt=0)
    for line, quantity in rows.values_list("order_line_id", "withdrawn"):
        back[line] += quantity
    if not back:
        return
    for line in OrderLine.objects.filter(pk__in=set(back) & set(wanted)):
        if wanted[line.pk] > line.quantity - line.quantity_fulfilled - back[line.pk]:
            raise FulfilmentRefused(
                OrderingErrorCode.WITHDRAWN,
                _("“%(name)s”有 %(count)s 件已退款，不能再发货")
                % {"name": line.product_name, "count": back[line.pk]},
                "lines",
            )
