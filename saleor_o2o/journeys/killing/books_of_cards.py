"""What must hold of cards when everything has come to rest: ours, Saleor's and Stripe's books agree, nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from saleor.order.models import Order
from saleor.payment import TransactionKind
from saleor.payment.models import Payment, Transaction
from saleor.warehouse.models import Allocation

from plugins.stripe_pay.models import ChargeState, MoveKind, MoveState, StripeCharge
from saleor_o2o.kernel.models import EventDelivery, EventRecord
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.states import history

from .buying import Buying
from .cards import charges

ZERO = Decimal(0)
#: How a charge may end.
ENDS = (
    ChargeState.PAID, ChargeState.AUTHORIZED, ChargeState.REFUSED, ChargeState.CANCELLED, ChargeState.RETURNED,
)  # fmt: skip


def card_order(_buying: Buying, order: Order) -> Iterator[str]:
    """An order that was paid, or is to be paid, by card."""
    # whoever chooses the card again, the answer being lost, leaves an earlier choice that never was charged
    payments = [one for one in order.payments.all() if one.is_active or one.stripe_charges.exists()]
    if len(payments) != 1:
        yield f"有 {len(payments)} 笔 Saleor 支付，应为 1 笔"
        return
    (payment,) = payments
    live = [one for one in charges(_buying) if one.payment_id == payment.pk and one.state in _KEPT]
    voided = StripeCharge.objects.filter(
        payment=payment, state=ChargeState.CANCELLED, moves__kind=MoveKind.VOID, moves__state=MoveState.DONE
    ).exists()
    wanted = sum(line.quantity for line in order.lines.all())
    allocated = (
        Allocation.objects.filter(order_line__order=order).aggregate(n=Sum("quantity_allocated"))["n"] or 0
    )
    if order.status == "canceled":
        if live:
            yield f"订单已取消，卡上的钱还在：{live[0].number}（{live[0].get_state_display()}）"
        if allocated:
            yield f"已取消的订单占着 {allocated} 件库存"
    elif not live and not voided:
        yield "订单有效，卡上没有钱"
    elif allocated != wanted:
        yield f"占用库存 {allocated} 件，应为 {wanted} 件"
    told = EventRecord.objects.filter(key=f"order:{order.pk}")
    paid = told.filter(name="ordering.order_paid").count()
    taken = Transaction.objects.filter(
        payment=payment, kind=TransactionKind.CAPTURE, is_success=True, action_required=False
    )
    full = (taken.aggregate(n=Sum("amount"))["n"] or ZERO) >= order.total_gross_amount
    if paid != int(full):
        yield f"事件 ordering.order_paid 有 {paid} 条，应为 {int(full)} 条"
    if told.filter(name="ordering.order_placed").count() != 1:
        yield "事件 ordering.order_placed 应为 1 条"
    for delivery in EventDelivery.objects.filter(event__in=told).exclude(status=EventDelivery.Status.DONE):
        yield f"事件 {delivery.event_id} 没有送到 {delivery.receiver}（{delivery.status}）"


_KEPT = (ChargeState.PAID, ChargeState.AUTHORIZED)


def charge_faults(buying: Buying) -> Iterator[str]:
    """Each charge against Stripe's own word and against Saleor's books."""
    theirs = {one["number"]: one for one in _intents(buying)}
    for charge in charges(buying):
        if charge.state not in ENDS:
            yield f"收款 {charge.number} 停在“{charge.get_state_display()}”"
        if charge.attention:
            yield f"收款 {charge.number} 要人处理：{charge.attention}"
        for move in charge.moves.all():
            if move.state == MoveState.WRITTEN or (move.state == MoveState.DONE and not move.booked):
                yield f"{move.get_kind_display()} {move.number} 停在“{move.get_state_display()}”"
        yield from _twice(charge)
        yield from _against_stripe(charge, theirs.pop(charge.number, None))
        yield from _against_saleor(charge)
    for number in theirs:
        yield f"Stripe 有一笔我们没有写下的收款 {number}"


def _against_stripe(charge: StripeCharge, intent: dict[str, Any] | None) -> Iterator[str]:
    status = intent["status"] if intent else None
    expected = {
        ChargeState.PAID: ("succeeded",),
        ChargeState.AUTHORIZED: ("requires_capture",),
        ChargeState.REFUSED: (None, "requires_payment_method", "canceled"),
        ChargeState.CANCELLED: (None, "canceled"),
        ChargeState.RETURNED: ("succeeded", "canceled"),
    }.get(ChargeState(charge.state), ())
    if status not in expected:
        yield f"收款 {charge.number} 在 Stripe 是 {status}，在我们这里是“{charge.get_state_display()}”"
        return
    if intent is None:
        return
    back = [one for attempt in intent["charges"]["data"] for one in attempt["refunds"]["data"]]
    ours = {
        one.number: to_fen(one.amount)
        for one in charge.moves.filter(kind=MoveKind.REFUND, state=MoveState.DONE)
    }
    told = {str(one["metadata"].get("o2o_number", one["id"])): int(one["amount"]) for one in back}
    released = to_fen(charge.amount) - to_fen(charge.captured)  # of a capture in part the bank frees the rest
    if charge.state == ChargeState.PAID and released:
        told = {number: fen for number, fen in told.items() if fen != released or number in ours}
    if charge.state in (ChargeState.PAID, ChargeState.RETURNED) and status == "succeeded" and told != ours:
        yield f"收款 {charge.number} 的退款：Stripe {told}，我们 {ours}"
    if status == "succeeded" and charge.state == ChargeState.PAID:
        received = int(intent.get("amount_received") or 0)
        if received != to_fen(charge.captured):
            yield f"收款 {charge.number}：Stripe 收了 {received} 分，我们记 {to_fen(charge.captured)} 分"


def _against_saleor(charge: StripeCharge) -> Iterator[str]:
    payment: Payment = charge.payment
    if charge.state in _KEPT and payment.order is None:
        yield f"收款 {charge.number} 没有订单，钱却留着"
    if charge.state != ChargeState.PAID:
        if charge.state != ChargeState.AUTHORIZED and payment.captured_amount:
            yield f"收款 {charge.number} 没有收到钱，Saleor 却记着 {payment.captured_amount}"
        return
    back = charge.moves.filter(kind=MoveKind.REFUND, state=MoveState.DONE)
    refunded = back.aggregate(n=Sum("amount"))["n"] or ZERO
    if payment.captured_amount != charge.captured - refunded:
        yield f"Saleor 记账 {payment.captured_amount}，应为 {charge.captured} − {refunded}"
    for kind, times in ((TransactionKind.CAPTURE, 1), (TransactionKind.REFUND, back.count())):
        # stock also writes one that waits for the bank's question, and moves no money
        booked = payment.transactions.filter(kind=kind, is_success=True, action_required=False).count()
        if booked != times:
            yield f"Saleor 记了 {booked} 笔 {kind}，应为 {times} 笔"


def _twice(charge: StripeCharge) -> Iterator[str]:
    for row in (charge, *charge.moves.all()):
        for transition, times in Counter(history(row).values_list("transition", flat=True)).items():
            if times > 1:
                yield f"{row} 的“{transition}”发生了 {times} 次"


def card_snapshot(buying: Buying) -> list[tuple[Any, ...]]:
    """All that a job could change of a trial's cards."""
    return [
        (charge.number, charge.state, charge.captured, charge.attention, charge.booked,
         list(charge.moves.order_by("pk").values_list("number", "state", "booked")),
         list(charge.payment.transactions.order_by("pk").values_list("kind", "amount", "is_success")))
        for charge in charges(buying)
    ]  # fmt: skip


def _intents(buying: Buying) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for charge in charges(buying):
        found += buying.house.sandbox.call("GET", "/stripe/intents", number=charge.number)["intents"]
    numbers = Counter(one["number"] for one in found)
    for number, times in numbers.items():
        if times > 1:
            found.append({"number": f"{number}（{times} 次）"})
    return found
