"""Sub-orders follow Saleor: whatever happened to an order, paid, sent, taken back, cancelled, refunded, by whoever.

Called in the transaction that changed it (by the Saleor plugin, `saleor_plugin.py`) or by a receiver after it. Calling
it again changes nothing. It reads the facts after it has locked the sub-orders, so of two who come together the later
one sees what the earlier did.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from saleor.order import FulfillmentStatus, OrderStatus
from saleor.order.models import FulfillmentLine, Order, OrderEvent
from saleor.payment import ChargeStatus, TransactionKind
from saleor.payment.models import Payment, Transaction

from saleor_o2o.cashier.interfaces import closing_reason
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.request import current

from ..choices import CancelReason, State
from ..deriving import Facts, Standing, target
from ..events import SubOrderRecalled, SubOrderShipped
from ..locks import lock_sub_orders
from ..models import OrderProfile, SubOrder, SubOrderLine
from ..splitting import cover
from ..stock_events import entry_of_event
from .adopting import adopt
from .moving import Change, handed_words, paid

#: Why the cashier closes a payment by itself: a deadline that passed, money that was looked at and refused.
_CLOSED_BY_CASHIER = {"EXPIRED": CancelReason.TIMEOUT, "RISK_REFUSED": CancelReason.RISK}
_WENT_BACK = (ChargeStatus.PARTIALLY_REFUNDED, ChargeStatus.FULLY_REFUNDED)


@dataclass(frozen=True, slots=True)
class Money:
    """What was taken for an order and what of it went back, in yuan."""

    captured: Decimal
    refunded: Decimal


@transaction.atomic(savepoint=False)
def sync_order(order_id: int) -> OrderProfile | None:
    """Bring the sub-orders of an order to where Saleor's rows say they are; None for a draft or an order gone.

    Locks: the order's sub-orders. An order that has none yet (placed by other means) gets them first. Raises
    LockTimeout.
    """
    parts = lock_sub_orders(order_id)
    profile = _profile(order_id)
    if profile is None:
        if not adopt(order_id):
            return None
        parts = lock_sub_orders(order_id)
        profile = _profile(order_id)
        assert profile is not None  # noqa: S101 - adopted in this transaction
    order = profile.order
    money = money_of(order_id)
    lines = list(SubOrderLine.objects.filter(sub_order__order_id=order_id).order_by("pk"))
    profile.refunded = money.refunded
    profile.total = order.total_gross_amount
    change = Change(profile, parts)
    _take_over_events(change)
    if profile.paid_at is None and _is_paid(order, money):
        paid(change, now(), order.total_gross_amount)
        _paid_after_leaving(parts, profile)
    facts = Facts(
        cancelled=order.status == OrderStatus.CANCELED,
        paid=profile.paid_at is not None,
        given_back=money.captured <= 0 < money.refunded,
    )
    if (facts.cancelled or facts.given_back) and not profile.cancel_reason:
        profile.cancel_reason = _reason(order, facts, money)
    nothing_left = order.status == OrderStatus.UNFULFILLED and not any(line.shipped for line in lines)
    moved = {} if nothing_left else _hand_over(order_id, parts, lines)
    for part in parts:
        own = [line for line in lines if line.sub_order_id == part.pk]
        quantity, handed = sum(line.quantity for line in own), sum(line.shipped for line in own)
        if moved.get(part.pk):
            _tell_parcel(change, part, moved[part.pk], handed, quantity)
        change.to(
            part,
            target(
                facts,
                Standing(
                    part.mode, part.state, quantity, handed,
                    received=part.received_at is not None, completed=part.completed_at is not None,
                    withdrawn=sum(line.withdrawn for line in own), returned=sum(line.returned for line in own),
                ),
            ),
        )  # fmt: skip
    change.finish()
    return profile


def _profile(order_id: int) -> OrderProfile | None:
    fields = [field.attname for field in OrderProfile._meta.concrete_fields]
    rows = OrderProfile.objects.filter(pk=order_id).select_related("order")
    return rows.only(*fields, "order__status", "order__total_gross_amount", "order__user_id").first()


def _paid_after_leaving(parts: list[SubOrder], profile: OrderProfile) -> None:
    """Parts that left before the money came (cash on delivery) are paid now, too; the others by their move."""
    gone = [part for part in parts if part.state != State.PENDING_PAYMENT and part.paid_at is None]
    for part in gone:
        part.paid_at = profile.paid_at
    if gone:
        SubOrder.objects.filter(pk__in=[part.pk for part in gone]).update(paid_at=profile.paid_at)


def money_of(order_id: int) -> Money:
    """What the order's payments hold, and what went back of them; one statement, two where something did."""
    payments = Payment.objects.filter(order_id=order_id).values_list("captured_amount", "charge_status")
    rows = list(payments)
    captured = sum((amount for amount, _status in rows), Decimal(0))
    if not any(status in _WENT_BACK for _amount, status in rows):
        return Money(captured, Decimal(0))
    refunded = Transaction.objects.filter(
        payment__order_id=order_id, kind=TransactionKind.REFUND, is_success=True
    ).aggregate(total=Sum("amount"))["total"]
    return Money(captured, refunded or Decimal(0))


def _is_paid(order: Order, money: Money) -> bool:
    """Free of charge, or its money came; a part that went back since does not make it unpaid."""
    if order.status in (OrderStatus.DRAFT, OrderStatus.CANCELED):
        return False
    return bool(money.captured + money.refunded >= order.total_gross_amount)


def _reason(order: Order, facts: Facts, money: Money) -> str:
    """Why an order was closed that nobody gave a reason for."""
    if facts.given_back or money.refunded:
        return CancelReason.REFUNDED.value
    by_cashier = _CLOSED_BY_CASHIER.get(closing_reason(order.pk))
    if by_cashier is not None:
        return by_cashier.value
    if order.user_id and current().actor == f"user:{order.user_id}":
        return CancelReason.BUYER.value
    return CancelReason.STAFF.value


def _hand_over(order_id: int, parts: list[SubOrder], lines: list[SubOrderLine]) -> dict[int, int]:
    """Write how much of each line has left; how many pieces that moved, by part."""
    left: dict[int, list[tuple[Any, int]]] = defaultdict(list)
    rows = (
        FulfillmentLine.objects.filter(
            fulfillment__order_id=order_id, fulfillment__status=FulfillmentStatus.FULFILLED
        )
        .order_by()
        .values_list("order_line_id", "stock__warehouse_id")
        .annotate(Sum("quantity"))
    )
    for line, warehouse, quantity in rows:
        left[line].append((warehouse, quantity))
    place = {part.pk: part.warehouse_id for part in parts}
    of_line: dict[int, list[SubOrderLine]] = defaultdict(list)
    for line in lines:
        of_line[line.order_line_id].append(line)
    moved: dict[int, int] = defaultdict(int)
    changed = []
    for key, own in of_line.items():
        handed = cover([(one.pk, place[one.sub_order_id], one.quantity) for one in own], left[key])
        for one in own:
            if one.shipped != handed[one.pk]:
                moved[one.sub_order_id] += handed[one.pk] - one.shipped
                one.shipped = handed[one.pk]
                changed.append(one)
    if changed:
        SubOrderLine.objects.bulk_update(changed, ["shipped"])
    return moved


def _tell_parcel(change: Change, part: SubOrder, moved: int, handed: int, quantity: int) -> None:
    kind, text = handed_words(part, moved, handed, quantity)
    change.note(
        part,
        kind,
        f"{change.called(part)}{text}",
        before={"handed": handed - moved},
        after={"handed": handed, "quantity": quantity},
    )
    ids = {"sub_order_id": part.pk, "order_id": part.order_id}
    if moved > 0:
        change.events.append(SubOrderShipped(**ids, quantity=moved, whole=handed >= quantity))
    else:
        change.events.append(SubOrderRecalled(**ids, quantity=-moved))


def _take_over_events(change: Change) -> None:
    """Tell in the timeline what stock noted since the last time."""
    profile = change.profile
    fresh = OrderEvent.objects.filter(order_id=profile.order_id, pk__gt=profile.last_event).order_by("pk")
    for event in fresh:
        profile.last_event = event.pk
        entry = entry_of_event(event)
        if entry is not None:
            change.entries.append(entry)


def set_reason(order_id: int, reason: CancelReason) -> None:
    """Say in advance why an order is about to be closed; the first reason counts, and an open order only has one.

    Call in the transaction that closes it, or before the cashier is asked to. Locks: the profile's row.
    """
    OrderProfile.objects.filter(pk=order_id, cancel_reason="").exclude(state=State.CLOSED).update(
        cancel_reason=reason
    )
