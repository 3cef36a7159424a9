"""The supplier changes the tickets: asked once under our own number, looked up where it is silent, settled once."""

from __future__ import annotations

from datetime import timedelta
from operator import methodcaller

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel.states import move_locked

from ..asks import legs_of, units_of
from ..choices import CallKind, CallState, ChangeCause, ChangeState, DeskKind, OrderState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..locks import lock_call
from ..models import ChangeRequest, SupplierCall, Ticket, TicketOrder
from ..ports import ChangeAsk, Issued, SupplierRefused, supplier_of
from .attention import call_people
from .calls import BY_HAND, NOT_DONE, OPEN, Answer, ask, new_call, register_settler, settle
from .change_ending import done, is_paid, items_of, locked_change, stay
from .paid import ZERO

S = ChangeState
#: How soon people look at what a supplier says now so, now so.
_SOON = timedelta(minutes=30)
#: So often a change is sent where the supplier never got it.
_TRIES = 3
_ENOUGH = 6


def ask_of(request: ChangeRequest, own: str) -> ChangeAsk:
    """What the supplier is told."""
    items = items_of(request)
    target = request.target
    assert target is not None  # noqa: S101 - it is kept with the request
    return ChangeAsk(
        own=own, their_number=request.ticket_order.their_number,
        old={one.old.number: one.old.their_number for one in items}, new_number=target.their_number,
        product=target.product, units=units_of([one.new for one in items]),
        amount=sum((one.supplier_difference for one in items), ZERO), missed=request.cause == ChangeCause.MISSED,
        old_legs=legs_of([one.old for one in items]),
    )  # fmt: skip


def _begin(request: ChangeRequest) -> TicketOrder:
    """Nobody closes the new trip for its time, and nobody issues it as if it were sold: it is being changed to."""
    target = request.target
    assert target is not None  # noqa: S101 - it is kept with the request
    move_locked(target, "pay", reason=request.number)
    move_locked(target, "issue", reason=request.number)
    move_locked(request, "send")
    return target


def change_inside(request: ChangeRequest) -> None:
    """Our own inventory changes them in the transaction that asks for it. Raises TicketError NOT_POSSIBLE."""
    target = _begin(request)
    try:
        answer = supplier_of(target.supplier.adapter).change(ask_of(request, request.number))
    except SupplierRefused as refusal:
        raise TicketError(Code.NOT_POSSIBLE, refusal.words, "target") from refusal
    done(request, answer)


def send(request_pk: int) -> None:
    """Ask the supplier, once: the call is written and committed first. Again: no change."""
    with transaction.atomic():
        request = locked_change(request_pk)
        ready = request.state == S.ASKED or (request.state == S.TO_PAY and is_paid(request))
        target = request.target
        if not ready or target is None:
            return
        if target.state != OrderState.HELD:
            stay(request, "refuse", _("新行程的占座已失效"))
            return
        _begin(request)
        call = new_call(target, target.supplier, CallKind.CHANGE)
    call_supplier(call.pk)


def call_supplier(call_pk: int) -> None:
    """Outside of any transaction: ask, and write down what came of it."""
    call = SupplierCall.objects.select_related("supplier", "ticket_order__change_of__ticket_order").get(
        pk=call_pk
    )
    request = call.ticket_order.change_of
    record(call, ask(call, methodcaller("change", ask_of(request, call.number))))


@transaction.atomic
def record(call: SupplierCall, answer: Answer) -> None:
    """Write what became of a change, from its answer, a query or a call-back. Again: nothing.

    Locks: both ticket orders, their tickets, the change, the call. Raises LockTimeout.
    """
    found = ChangeRequest.objects.filter(target=call.ticket_order_id).values_list("pk", flat=True).first()
    if found is None:
        return
    request = locked_change(found)
    row = lock_call(call.pk)
    if row is None:
        return
    if row.state not in OPEN:
        words = _contradicted(row, answer)
        if words:
            call_people(request.ticket_order, DeskKind.UNKNOWN, words, within=_SOON)
        return
    settle(row, answer)
    if not answer.is_over:
        if row.asked_again >= _ENOUGH:
            call_people(
                request.ticket_order,
                DeskKind.UNKNOWN,
                _("改签 %(number)s 供应商一直没有结果") % {"number": request.number},
            )
        return
    if request.state != S.AT_SUPPLIER:
        return
    if isinstance(answer.found, Issued):
        done(request, answer.found)
    elif answer.code == NOT_DONE and _tries(request) < _TRIES:
        _send_again(request)
    else:
        stay(request, "refuse", _("供应商未改签：%(words)s") % {"words": answer.words})


def _contradicted(row: SupplierCall, answer: Answer) -> str:
    """What people have to look at where a supplier says another thing than before, or than it said by telephone."""
    if row.state == CallState.REFUSED and answer.state == CallState.DONE:
        return _("供应商先称未改签、后又改成，请核对")
    if row.state != CallState.DONE or row.code != BY_HAND:
        return ""
    if answer.state == CallState.REFUSED:
        return _("供应商电话称已改签、后又称未改签，请核对")
    if isinstance(answer.found, Issued):
        theirs = dict(
            Ticket.objects.filter(ticket_order=row.ticket_order_id).values_list("number", "their_number")
        )
        if any(theirs.get(number) != told for number, told in answer.found.tickets.items()):
            return _("供应商给的新票号与电话登记的不同，请核对")
    return ""


def _tries(request: ChangeRequest) -> int:
    return SupplierCall.objects.filter(
        ticket_order=request.target_id, kind=CallKind.CHANGE, code=NOT_DONE
    ).count()


def _send_again(request: ChangeRequest) -> None:
    target = request.target
    assert target is not None  # noqa: S101 - it is kept with the request
    call = new_call(target, target.supplier, CallKind.CHANGE)
    transaction.on_commit(lambda: _later(call.pk))


def _later(call_pk: int) -> None:
    from ..tasks import call_change

    call_change.delay(call_pk)


register_settler(CallKind.CHANGE, record)
