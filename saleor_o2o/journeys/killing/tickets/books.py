"""What must hold of coach tickets when everything has come to rest: in our books, the networks', and the money's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from saleor.payment.models import Payment

from plugins.ticketing.kernel.choices import (
    CallKind,
    ChangeState,
    InsuranceState,
    MoneyState,
    OrderState,
    RefundState,
    TicketState,
)
from plugins.ticketing.kernel.models import (
    ChangeRequest,
    Insurance,
    MoneyBack,
    RefundRequest,
    SupplierCall,
    TicketOrder,
)
from plugins.ticketing.kernel.services.calls import OPEN
from saleor_o2o.cashier.models import IntentState, OrderRefund, PaymentIntent, Refund
from saleor_o2o.kernel.models import EventRecord, StateMove

from ..books import event_faults, moved_twice, provider_faults, stray_faults
from .riding import NETWORKS, Riding

S = OrderState
ZERO = Decimal(0)
_ENDS = {S.ISSUED, S.ISSUE_FAILED, S.CLOSED, S.HOLD_FAILED}
#: What a ticket of ours is at the network.
_THERE = {TicketState.ISSUED: "issued", TicketState.REFUNDED: "refunded", TicketState.CHANGED: "changed"}
#: What an insurance ends as, and where its premium is.
_COVERED, _ENDED = {InsuranceState.IN_FORCE}, {InsuranceState.CANCELLED, InsuranceState.FAILED}
_CHANGED = {ChangeState.DONE, ChangeState.REFUSED, ChangeState.CLOSED}


def faults(riding: Riding) -> list[str]:
    """Everything that is wrong with a trial; empty: nothing."""
    found: list[str] = []
    rides = list(riding.rides())
    if len(rides) > 1:
        found.append(f"一次占座留下了 {len(rides)} 张票务订单")
    for ride in rides:
        found += [f"票务订单 {ride.number}：{fault}" for fault in (*_ride(riding, ride), *_money(ride))]
        found += [f"票务订单 {ride.number} 的保险：{fault}" for fault in _insurances(riding, ride)]
    for target in riding.targets():
        found += [f"改签占的 {target.number}：{fault}" for fault in _ride(riding, target)]
    for change in ChangeRequest.objects.filter(ticket_order__in=rides):
        found += [f"改签 {change.number}：{fault}" for fault in _change(riding, change)]
    for order in riding.own():
        intents = list(PaymentIntent.objects.filter(order=order))
        if len(intents) != 1:
            found.append(f"订单 {order.pk} 有 {len(intents)} 张支付单")
            continue
        found += [f"订单 {order.pk}：{fault}" for fault in provider_faults(riding, intents[0])]
        found += [f"订单 {order.pk}：{fault}" for fault in event_faults(order, intents[0])]
    found += stray_faults()
    return found


def snapshot(riding: Riding) -> tuple[Any, ...]:
    """All that a job could change of a trial."""
    rides, orders = riding.rides() | riding.targets(), riding.own()
    return (
        list(rides.values_list("state", "their_number")),
        list(ChangeRequest.objects.filter(ticket_order__in=rides).order_by("pk").values_list("pk", "state")),
        list(
            Insurance.objects.filter(ticket__ticket_order__in=rides).order_by("pk").values_list("pk", "state")
        ),
        list(rides.order_by("tickets").values_list("tickets__state", "tickets__their_number")),
        list(
            SupplierCall.objects.filter(ticket_order__in=rides).order_by("pk").values_list("number", "state")
        ),
        list(RefundRequest.objects.filter(ticket_order__in=rides).order_by("pk").values_list("state", "due")),
        list(MoneyBack.objects.filter(order__in=orders).order_by("pk").values_list("key", "state")),
        list(PaymentIntent.objects.filter(order__in=orders).values_list("state", "payment__captured_amount")),
        list(Refund.objects.filter(attempt__intent__order__in=orders).values_list("number", "state")),
        EventRecord.objects.count(),
        StateMove.objects.count(),
        [_orders_there(riding, ride) for ride in rides],
    )


def _ride(riding: Riding, ride: TicketOrder) -> Iterator[str]:
    tickets = list(ride.tickets.order_by("pk"))
    if ride.state not in _ENDS:
        yield f"停在“{ride.get_state_display()}”"
    yield from _calls(riding, ride)
    there = _orders_there(riding, ride)
    states = Counter(one["state"] for one in there)
    if states["locked"] or states["locking"]:
        yield f"客票网还占着座：{states}"
    expected = int(ride.state == S.ISSUED)
    if states["issued"] != expected:
        yield f"客票网出票 {states['issued']} 次，应为 {expected} 次（{states}）"
    known = {row["ticket_no"]: row["state"] for one in there for row in one["tickets"] if row["ticket_no"]}
    wanted = {one.their_number: _THERE.get(TicketState(one.state), "") for one in tickets} if expected else {}
    if known != wanted:
        yield f"客票网的票 {known}，我们的票 {wanted}"
    alive = {one.state for one in tickets} - {*_THERE, TicketState.VOID}
    if alive:
        yield f"有票停在 {alive}"
    if not expected and {one.state for one in tickets} != {TicketState.VOID}:
        yield "没有出票，票却没有作废"
    yield from moved_twice([*tickets, *ride.refunds.all()])


def _calls(riding: Riding, ride: TicketOrder) -> Iterator[str]:
    for call in ride.calls.all():
        if call.state in OPEN:
            yield f"调用 {call.number}（{call.get_kind_display()}）停在“{call.get_state_display()}”"
    sent = Counter(
        row["number"]
        for network in NETWORKS
        for operation in ("issue", "refund", "change")
        for row in riding.house.sandbox.call("GET", f"/{network}/calls", operation=operation)["calls"]
    )
    kinds = (CallKind.ISSUE, CallKind.REFUND, CallKind.CHANGE)
    for number in ride.calls.filter(kind__in=kinds).values_list("number", flat=True):
        if sent[number] > 1:
            yield f"流水号 {number} 发了 {sent[number]} 次，结果不明时只能查询"


def _money(ride: TicketOrder) -> Iterator[str]:
    """A ticket, or all of the money; never both, never neither."""
    refunds = list(RefundRequest.objects.filter(ticket_order=ride))
    for refund in refunds:
        if refund.state != RefundState.DONE:
            yield f"退票单 {refund.number} 停在“{refund.get_state_display()}”"
    waiting = MoneyBack.objects.filter(order=ride.order_id).exclude(state=MoneyState.ARRIVED)
    if ride.order_id is not None and waiting.exists():
        yield "有退款没有到账"
    intent = PaymentIntent.objects.filter(order=ride.order_id).first() if ride.order_id is not None else None
    if intent is None or intent.state != IntentState.PAID:
        if ride.state in (S.ISSUED, S.ISSUE_FAILED):
            yield "没有收款，却出了票或退了款"
        if intent is not None and intent.state != IntentState.CLOSED:
            yield f"支付单停在“{intent.get_state_display()}”"
        return
    back = OrderRefund.objects.filter(intent=intent).aggregate(n=Sum("amount"))["n"] or ZERO
    premiums = Insurance.objects.filter(ticket__ticket_order=ride, order_line__isnull=False, state__in=_ENDED)
    owed = sum((one.due for one in refunds), ZERO)
    if ride.state == S.ISSUED:  # one who gets no tickets gets all of the order's money at once
        owed += sum((one.price for one in premiums), ZERO)
    if back != owed:
        yield f"退了 {back} 元，退票单合计 {owed} 元"
    if ride.state != S.ISSUED and back != intent.amount:
        yield f"没有出票，只退了 {back} 元，应退 {intent.amount} 元"
    if ride.state == S.ISSUED and not refunds and not premiums and back:
        yield f"票还在，却退了 {back} 元"
    kept = Payment.objects.get(pk=intent.payment_id).captured_amount
    if kept != intent.amount - back:
        yield f"Saleor 记账 {kept}，应为 {intent.amount} − {back}"


def _change(riding: Riding, change: ChangeRequest) -> Iterator[str]:
    """The new ticket and what it costs more, or the old one and all that was paid for the change."""
    if change.state not in _CHANGED:
        yield f"停在“{change.get_state_display()}”"
    done = change.state == ChangeState.DONE
    target = riding.targets().filter(pk=change.target_id or 0).first()
    if target is not None and done != (target.state == S.ISSUED):
        yield f"改签“{change.get_state_display()}”，新票却是“{target.get_state_display()}”"
    old = set(change.items.values_list("old__state", flat=True))
    if old != {TicketState.CHANGED if done else TicketState.ISSUED}:
        yield f"改签“{change.get_state_display()}”，原票却是 {old}"
    intent = PaymentIntent.objects.filter(order=change.difference_order_id, state=IntentState.PAID).first()
    paid = intent.amount if intent is not None and change.difference_order_id is not None else ZERO
    back = OrderRefund.objects.filter(intent=intent).aggregate(n=Sum("amount"))["n"] or ZERO if paid else ZERO
    if done and paid - back != change.to_pay:
        yield f"差价应补 {change.to_pay}，实收 {paid} − {back}"
    if not done and paid != back:
        yield f"没有改成，差价收了 {paid}，只退了 {back}"
    waiting = MoneyBack.objects.filter(order=change.difference_order_id).exclude(state=MoneyState.ARRIVED)
    if change.difference_order_id is not None and waiting.exists():
        yield "差价的退款没有到账"


def _insurances(riding: Riding, ride: TicketOrder) -> Iterator[str]:
    """In force here and there exactly as long as the ticket is; never for a ticket that is not."""
    there = {
        one["request_no"]: one for one in riding.house.sandbox.call("GET", "/insurer/policies")["policies"]
    }
    for one in Insurance.objects.filter(ticket__ticket_order=ride, order_line__isnull=False):
        counts = one.ticket.state == TicketState.ISSUED
        if one.state not in (_COVERED if counts else _ENDED):
            yield f"{one.number} 停在“{one.get_state_display()}”，票是“{one.ticket.get_state_display()}”"
        known = there.get(one.number)
        if counts and (
            known is None or (known["state"], known["policy_no"]) != ("in_force", one.policy_number)
        ):
            yield f"{one.number} 保单号 {one.policy_number}，保险公司是 {known}"
        if not counts and known is not None and known["state"] == "in_force":
            yield f"{one.number} 已退，保险公司还在承保"


def _orders_there(riding: Riding, ride: TicketOrder) -> list[dict[str, Any]]:
    """What the networks have under our numbers of holds."""
    numbers = set(ride.calls.filter(kind=CallKind.LOCK).values_list("number", flat=True))
    found = []
    for network in NETWORKS:
        told = riding.house.sandbox.call("GET", f"/{network}/orders")["orders"]
        found += [one for one in told if one["own"] in numbers]
    return found
