"""From the money to the ticket: what is paid is issued once, whatever dies or is silent in between.

Every step commits before the next: PAID → (a lost hold is held again) → ISSUING with a call under our own number →
ISSUED. `drive` goes as far as it can now; a job drives what stands still, `calls.sweep` looks up what has no answer.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from operator import methodcaller
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import LockTimeout
from saleor_o2o.kernel.states import move_all_locked, move_locked
from saleor_o2o.ordering.interfaces import (
    FulfilmentRefused,
    OrderingErrorCode,
    TimelineKind,
    fulfil_all,
    lock_for_fulfilment,
    note,
    profile_of,
)

from ..asks import issue_ask
from ..choices import CallKind, CallState, DeskKind, DeskState, FeeItem, OrderState, Side, TicketState
from ..events import TicketsIssued
from ..locks import lock_call, lock_order, lock_orders, lock_tickets
from ..models import DeskTask, FeeLine, SupplierAccount, SupplierCall, Ticket, TicketOrder
from ..ports import Issued, SupplierRefused, supplier_of
from ..settings import desk_time
from ..trades import check_held_again, trade_of
from . import agency, insuring
from .attention import call_people, settled
from .calls import NOT_DONE, OPEN, Answer, ask, new_call, register_settler, settle
from .failing import fail
from .health import is_open
from .holding import drive_lock, next_candidate, waits_since
from .jobs import each
from .paid import paid_for
from .releasing import free

logger = logging.getLogger(__name__)
S = OrderState
Step = Callable[[], Any]
#: Steps of one `drive`; more stand still until the job comes.
_STEPS = 20
#: The same supplier is asked to issue so often where it never got the request.
_TRIES = 3
#: Questions without an answer after which people look, too.
_ENOUGH = 6


@transaction.atomic
def order_paid(order_id: int) -> int:
    """An order's money is here: its ticket orders are to be issued; how many. Again: none.

    One that was closed meanwhile (the money came in the last second) is held again. Locks: the ticket orders with
    their tickets.
    """
    keys = TicketOrder.objects.filter(order_id=order_id, state__in=(S.HELD, S.CLOSED)).values_list(
        "pk", flat=True
    )
    paid = 0
    for order in lock_orders(list(keys)):
        if order.state == S.CLOSED:
            move_all_locked(lock_tickets(order), "reopen")
            order.why = ""
            move_locked(order, "reopen")
            insuring.wanted_again(order)
        elif order.state == S.HELD:
            move_locked(order, "pay")
        else:
            continue
        later(order.pk)
        paid += 1
    return paid


def later(pk: int) -> None:
    """Drive an order after the commit."""
    transaction.on_commit(partial(_send, pk), robust=True)


def _send(pk: int) -> None:
    from ..tasks import drive_order

    drive_order.delay(pk)


def drive(pk: int) -> None:
    """Bring a paid order as far as it goes now. Twice, or in two workers: each step is done once.

    No lock is held while a supplier is asked. Raises LockTimeout.
    """
    for _count in range(_STEPS):
        step = _next_step(pk)
        if step is None:
            return
        try:
            step()
        except DomainError as refusal:
            logger.info("ticket order %s: %s", pk, refusal.code)


def drive_waiting(limit: int = 100) -> int:
    """Drive paid orders that stand still (a crash, a night, a supplier that rests); how many were looked at."""
    waiting = TicketOrder.objects.filter(state=S.PAID, paid_at__lte=now() - timedelta(seconds=30))
    return each(waiting.filter(_can_go_on()).order_by("paid_at"), drive, "driving ticket order", limit)


def _can_go_on() -> Q:
    """Orders for which there is something to do now: many that wait for people or for the morning keep nobody else."""
    people = DeskTask.objects.filter(ticket_order=OuterRef("pk"), kind=DeskKind.ISSUE).exclude(
        state=DeskState.DONE
    )
    asked = SupplierCall.objects.filter(ticket_order=OuterRef("pk"), kind=CallKind.LOCK, state__in=OPEN)
    moment = now()
    closed = [one.pk for one in SupplierAccount.objects.all() if not is_open(one, moment)]
    at_night = Q(supplier__in=closed) & ~Q(their_number="")
    return Q(no_trip=True) | ~(Exists(people) | Exists(asked) | at_night)


def lock_both(pk: int) -> tuple[Order | None, TicketOrder | None]:
    """Lock a ticket order after the order that bought it; without that one where its goods cannot be handed over."""
    order_id = TicketOrder.objects.filter(pk=pk).values_list("order_id", flat=True).first()
    bought = None
    if order_id is not None:
        try:
            bought = lock_for_fulfilment(order_id)
        except FulfilmentRefused:
            bought = None
    return bought, lock_order(pk)


@transaction.atomic
def _next_step(pk: int) -> Step | None:
    """What comes next, with what can be done here done; what is to be asked outside is returned."""
    bought, order = lock_both(pk)
    if order is None or order.state != S.PAID or (_waits_for_somebody(order) and not order.no_trip):
        return None
    if order.order_id is not None and _has_ended(order.order_id):
        fail(order, str(_("订单已退款或取消")), with_money=False)
        return None
    if order.no_trip:
        fail(order, str(_("班次（场次）已取消")))
        return None
    if not order.their_number:
        return _hold_again(order)
    if not is_open(order.supplier, now()):
        _wait_for_opening(order)
        return None
    adapter = supplier_of(order.supplier.adapter)
    tickets = lock_tickets(order)
    if adapter.local:
        try:
            with transaction.atomic():
                issued = adapter.issue(issue_ask(order, tickets, order.number))
        except SupplierRefused as refusal:
            logger.warning("our inventory does not issue %s: %s", order.number, refusal.code)
            order.their_number = ""
            order.save(update_fields=["their_number"])
            return _nothing
        finish(order, bought, tickets, issued)
        return None
    move_locked(order, "issue")
    call = new_call(order, order.supplier, CallKind.ISSUE)
    return partial(_ask_issue, call.pk)


def _nothing() -> None:
    """The step was done under the lock."""


def _waits_for_somebody(order: TicketOrder) -> bool:
    """People have it, or a supplier has not answered about a hold."""
    people = order.desk_tasks.filter(kind=DeskKind.ISSUE).exclude(state=DeskState.DONE)
    return people.exists() or order.calls.filter(kind=CallKind.LOCK, state__in=OPEN).exists()


def _has_ended(order_id: int) -> bool:
    """Whether the order that bought it was cancelled, or its money went back, before anything was issued."""
    profile = profile_of(order_id)
    return profile is not None and profile.closed_at is not None


def _wait_for_opening(order: TicketOrder) -> None:
    call_people(
        order,
        DeskKind.HOURS,
        _("供应商营业时间外，开始营业后自动出票"),
        within=timedelta(hours=12) + desk_time(),
    )


def _hold_again(order: TicketOrder) -> Step | None:
    """A paid order without a hold gets one, a little dearer at most; else people decide, or the money goes back.

    The trade's own limits are counted again: while it was closed others may have taken what is scarce.
    """
    try:
        check_held_again(order, lock_tickets(order))
    except LockTimeout:
        raise
    except DomainError as refusal:
        fail(order, str(refusal.message))
        return None
    call_pk = next_candidate(order)
    if call_pk is not None:
        return partial(drive_lock, order.pk, call_pk)
    if order.their_number:
        return _nothing
    dearer = order.calls.filter(kind=CallKind.LOCK, code="PRICE_CHANGED", sent_at__gte=waits_since(order))
    if dearer.exists():
        call_people(
            order, DeskKind.ISSUE, _("占座失效，其他座位比原价高，请决定是否补足出票"), within=desk_time()
        )
    else:
        fail(order, str(_("座位已失效，没有供应商可以出票")))
    return None


def _ask_issue(call_pk: int) -> None:
    call = SupplierCall.objects.select_related("supplier", "ticket_order__supplier").get(pk=call_pk)
    order = call.ticket_order
    tickets = list(order.tickets.select_related("passenger").order_by("pk"))
    record_issue(call, ask(call, methodcaller("issue", issue_ask(order, tickets, call.number))))


@transaction.atomic
def record_issue(call: SupplierCall, answer: Answer) -> None:
    """Write what became of an issue call, from its answer, a query or a call-back. Again: nothing.

    Locks: the order that bought it with its stock, the ticket order, the call, the tickets. Raises LockTimeout.
    """
    bought, order = lock_both(call.ticket_order_id)
    row = lock_call(call.pk)
    if order is None or row is None:
        return
    if row.state not in OPEN:
        if row.state == CallState.REFUSED and answer.state == CallState.DONE:
            settle(row, answer)
            call_people(
                order, DeskKind.UNKNOWN, _("供应商先称未出票、后又出票，请核对是否多出票"), within=desk_time()
            )
        return
    settle(row, answer)
    if not answer.is_over:
        if row.asked_again >= _ENOUGH:
            call_people(
                order, DeskKind.UNKNOWN, _("供应商多次无应答，请电话核实是否出票"), within=desk_time()
            )
        return
    if order.state != S.ISSUING:
        if answer.state == CallState.DONE:
            call_people(order, DeskKind.UNKNOWN, _("供应商出票时订单已另行处理，请核对"), within=desk_time())
        return
    if isinstance(answer.found, Issued):
        tickets = lock_tickets(order)
        finish(order, bought, tickets, answer.found)
        _call_for_missing(order, tickets, answer.found)
    else:
        _not_issued(order, row, answer)


def _call_for_missing(order: TicketOrder, tickets: list[Ticket], issued: Issued) -> None:
    """A supplier that numbers tickets left some without: whoever has one of these would be turned away."""
    missing = [ticket.number for ticket in tickets if not issued.tickets.get(ticket.number)]
    if missing and len(missing) < len(tickets):
        why = _("供应商没有给出 %(tickets)s 的票号，请核对是否出票") % {"tickets": "、".join(missing)}
        call_people(order, DeskKind.UNKNOWN, why, within=desk_time())


def _not_issued(order: TicketOrder, call: SupplierCall, answer: Answer) -> None:
    """The supplier certainly did not issue a *locked* order: it is paid again, perhaps with its hold."""
    move_locked(order, "hand_over", reason=answer.words)
    if answer.code != NOT_DONE or _tries(order) >= _TRIES:
        free(order)  # also what it says is lost: it may be mistaken, and nothing is lost by telling it
    settled(order, DeskKind.UNKNOWN, _("供应商未出票"))
    later(order.pk)


def _tries(order: TicketOrder) -> int:
    return order.calls.filter(kind=CallKind.ISSUE, supplier=order.supplier_id, code=NOT_DONE).count()


def finish(order: TicketOrder, bought: Order | None, tickets: list[Ticket], issued: Issued) -> None:
    """The tickets of a *locked* order count: numbers, money of both sides, goods handed over, the trade told."""
    for ticket in tickets:
        ticket.their_number = issued.tickets.get(ticket.number, ticket.their_number)[:64]
        ticket.seat = issued.seats.get(ticket.number, ticket.seat)
    fresh = [ticket for ticket in tickets if ticket.state == TicketState.HELD]
    move_all_locked(fresh, "issue", fields=("their_number", "seat"))
    order.their_number = issued.their_number or order.their_number
    if issued.pick:
        order.pick_code = json.dumps(dict(issued.pick), ensure_ascii=False)
    move_locked(order, "finish")
    lines = fee_lines(order, fresh) + agency.earned(order, fresh, order.number)
    FeeLine.objects.bulk_create(lines, ignore_conflicts=True)
    _hand_over(order, bought, fresh)
    trade_of(order.trade).issued(order, fresh)
    for kind in (DeskKind.ISSUE, DeskKind.UNKNOWN, DeskKind.HOURS):
        settled(order, kind, _("已出票"))
    publish(
        TicketsIssued(ticket_order_id=order.pk, order_id=order.order_id or 0), key=f"ticket_order:{order.pk}"
    )


def fee_lines(order: TicketOrder, tickets: list[Ticket]) -> list[FeeLine]:
    """What a sold ticket is for both sides: the customer's face value, service fee and discount, our debt."""
    paid = paid_for(tickets)
    rows = []
    for ticket in tickets:
        amounts = (
            (Side.CUSTOMER, FeeItem.FACE, ticket.price - ticket.service),
            (Side.CUSTOMER, FeeItem.SERVICE, ticket.service),
            (Side.CUSTOMER, FeeItem.DISCOUNT, -paid[ticket.pk].discount),
            (Side.SUPPLIER, FeeItem.FACE, ticket.cost),
        )
        rows += [
            FeeLine(ticket=ticket, side=side, item=item, amount=amount, reference=order.number)
            for side, item, amount in amounts
            if amount
        ]
    return rows


def _hand_over(order: TicketOrder, bought: Order | None, tickets: list[Ticket]) -> None:
    """The tickets' lines are delivered. An order that was cancelled or refunded meanwhile takes them back at once."""
    wanted: dict[int, int] = {}
    for ticket in tickets:
        if ticket.order_line_id is not None:
            wanted[ticket.order_line_id] = wanted.get(ticket.order_line_id, 0) + 1
    if not wanted or order.order_id is None:
        return
    try:
        if bought is None:
            raise FulfilmentRefused(OrderingErrorCode.ORDER_NOT_PAID, _("订单未付款或已关闭"))
        with transaction.atomic():
            fulfil_all(bought, order.user, only=wanted)
    except FulfilmentRefused as refusal:
        logger.warning("tickets of %s are issued, their order is not open: %s", order.number, refusal)
        transaction.on_commit(partial(_void, order.order_id), robust=True)
        return
    note(order.order_id, TimelineKind.OTHER, str(_("票务订单 %(number)s 已出票") % {"number": order.number}))


def _void(order_id: int) -> None:
    from ..tasks import void_repaid

    void_repaid.delay(order_id)


def settle_issue(call: SupplierCall, answer: Answer) -> None:
    """An answer that came by a query or a call-back."""
    record_issue(call, answer)


register_settler(CallKind.ISSUE, settle_issue)


@transaction.atomic
def order_closed(order_id: int) -> int:
    """An order ended: what it held and did not pay for is free, what was not issued yet never will be; how many.

    What is being issued is taken back once it is. Again: none. Locks: the ticket orders with their tickets.
    """
    from .holding import end

    open_states = (S.HOLDING, S.HELD, S.PAID)
    keys = TicketOrder.objects.filter(order_id=order_id, state__in=open_states).values_list("pk", flat=True)
    done = 0
    for order in lock_orders(list(keys)):
        if order.state in (S.HOLDING, S.HELD):
            end(order, str(_("订单已取消")))
        elif order.state == S.PAID and not order.calls.filter(kind=CallKind.LOCK, state__in=OPEN).exists():
            fail(order, str(_("订单已退款或取消")), with_money=False)
        else:
            continue
        done += 1
    return done
