"""Reads of ordering. Callers that act for a person take rows through `kernel.scope` first."""

from __future__ import annotations

from datetime import datetime, timedelta

from .choices import TimerKind
from .models import OrderProfile, SubOrder, SubOrderLine
from .numbers import read_number


def profile_of(order_id: int) -> OrderProfile | None:
    """What an order has beyond Saleor's row; None for a draft."""
    return OrderProfile.objects.filter(pk=order_id).first()


def order_by_number(text: str) -> int | None:
    """The key of the order with a typed number (its own or a sub-order's); None where there is none."""
    number = read_number(text)
    if number is None:
        return None
    return OrderProfile.objects.filter(number=number).values_list("pk", flat=True).first()


def sub_orders_of(order_id: int) -> list[SubOrder]:
    """The parts of an order in their order, with sellers and warehouses; empty for a draft. One statement."""
    parts = SubOrder.objects.filter(order_id=order_id).select_related("seller", "warehouse")
    return list(parts.order_by("position"))


def sub_order_lines_of(order_id: int) -> list[SubOrderLine]:
    """The lines of all parts of an order, with the order's lines. One statement."""
    lines = SubOrderLine.objects.filter(sub_order__order_id=order_id).select_related(
        "order_line", "sub_order"
    )
    return list(lines.order_by("sub_order__position", "pk"))


def timer(order_id: int, kind: TimerKind | str, sub_order_id: int | None = None) -> datetime | None:
    """When a clock of an order (or of one part of it) runs out; None while it does not run, or has no rule.

    `PAY` runs from placing, `RECEIVE` from the last parcel, the others from receiving. For a whole order: when the last
    of its parts' clocks does.
    """
    kind = TimerKind(kind)
    if kind is TimerKind.PAY:
        profile = profile_of(order_id)
        return profile.pay_by if profile is not None and profile.paid_at is None else None
    field = {
        TimerKind.RECEIVE: "receive_by",
        TimerKind.AFTER_SALE: "after_sale_until",
        TimerKind.REVIEW: "review_until",
        TimerKind.COMPLAINT: "complaint_until",
    }[kind]
    parts = SubOrder.objects.filter(order_id=order_id)
    if sub_order_id is not None:
        parts = parts.filter(pk=sub_order_id)
    return max((one for one in parts.values_list(field, flat=True) if one), default=None)


def timer_length(order_id: int, kind: TimerKind | str, line: str) -> timedelta | None:
    """How long a clock of an order runs for a business line, as kept when the order was made."""
    profile = profile_of(order_id)
    minutes = profile.minutes(TimerKind(kind).value, line) if profile is not None else None
    return None if minutes is None else timedelta(minutes=minutes)
