"""Placing a draft that the staff wrote: every line is allocated, or none is and the draft stays a draft."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from saleor.core.taxes import zero_taxed_money
from saleor.order import OrderStatus
from saleor.order.actions import order_created
from saleor.order.models import Order
from saleor.order.utils import get_order_country
from saleor.warehouse.models import Stock

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows

from ..allocation import lock_stocks
from ..error_codes import OrderingErrorCode
from ..errors import OrderingError
from ..events import OrderPlaced
from ..holds import bound_lines, is_held_type
from .placement import allocate
from .syncing import sync_order
from .writing import WITH_KINDS, places_of, write_rows


class DraftRefused(DomainError):
    """The draft cannot be placed as it is."""


def lock_draft(pk: Any) -> tuple[Order, list[Stock]] | None:
    """Lock a draft, then the stock rows of its tracked lines in primary-key order; None where there is no such order.

    Must run in a transaction. Raises DraftRefused NOT_A_DRAFT for an order that was placed or cancelled before: it
    would be allocated a second time, or come back to life. Raises LockTimeout.
    """
    rows = lock_rows(Order.objects.filter(pk=pk))
    if not rows:
        return None
    order = rows[0]
    if not order.is_draft():
        raise DraftRefused(OrderingErrorCode.NOT_A_DRAFT, _("这张订单已经提交，不是草稿"), "id")
    tracked = order.lines.filter(variant__track_inventory=True).values_list("variant_id", flat=True)
    return order, lock_stocks(tracked, get_order_country(order))


def place_draft(order: Order, stocks: list[Stock], user: Any) -> Order:
    """Make a *locked* draft an order with its allocations, announce it as stock does, and publish `OrderPlaced`.

    `stocks` are the locked rows of `lock_draft`. Raises InsufficientStock, DraftRefused (EMPTY, GOODS_GONE),
    HOLD_NEEDED; each undoes the caller's transaction.
    """
    lines = list(order.lines.select_related(*(f"variant__{name}" for name in WITH_KINDS)))
    if not sum(line.quantity for line in lines):
        raise DraftRefused(OrderingErrorCode.EMPTY, _("订单里没有商品"), "lines")
    held: set[int] | None = None
    for line in lines:
        if line.variant is not None and is_held_type(line.variant):
            held = bound_lines(order.pk) if held is None else held
            if line.pk not in held:
                raise OrderingError(OrderingErrorCode.HOLD_NEEDED, "lines")
        elif line.variant is None or not line.variant.product.is_published:
            raise DraftRefused(OrderingErrorCode.GOODS_GONE, _("有商品已下架，请移除后再提交"), "lines")
    order.status = OrderStatus.UNFULFILLED
    if not any(line.is_shipping_required for line in lines):
        order.shipping_method_name = None
        order.shipping_price = zero_taxed_money()
        if order.shipping_address:
            order.shipping_address.delete()
    order.save()
    allocations = allocate(lines, stocks)
    write_rows(order, lines, places_of(allocations, stocks), source="代客下单")
    order_created(order, user=user, from_draft=True)
    sync_order(order.pk)  # free of charge, or paid while it was a draft
    publish(
        OrderPlaced(order_id=order.pk, total=order.total.gross.amount, gateway=""), key=f"order:{order.pk}"
    )
    return order
