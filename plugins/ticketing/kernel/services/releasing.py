"""Giving back what suppliers hold for us: our own inventory at once, others after the commit, until they heard it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from saleor_o2o.kernel.clock import now

from ..choices import CallKind, CallState
from ..locks import lock_call, lock_order
from ..models import SupplierCall, TicketOrder
from ..ports import SupplierRefused, SupplierSilent, supplier_of
from .calls import OPEN, Answer, new_call, register_settler, settle

#: A hold ends by itself: after so long nobody is told any more.
_LONG_ENOUGH = timedelta(hours=2)


def free(order: TicketOrder) -> None:
    """Give back what a *locked* order holds. Its own rows say nothing of a hold any more."""
    if not order.their_number:
        return
    adapter = supplier_of(order.supplier.adapter)
    lock = order.calls.filter(kind=CallKind.LOCK, state=CallState.DONE, supplier=order.supplier_id).first()
    if adapter.local:
        own = lock.number if lock is not None else order.number
        adapter.release(own, order.their_number, own)
    elif lock is not None:
        _tell(order, lock, order.their_number)
    order.their_number, order.supplier_until = "", None
    order.save(update_fields=["their_number", "supplier_until"])


def free_stray(order: TicketOrder, lock: SupplierCall) -> None:
    """Give back what a supplier holds that the *locked* order does not want (any more)."""
    if not order.calls.filter(kind=CallKind.RELEASE, answer__lock=lock.number).exists():
        _tell(order, lock, lock.their_number)


def _tell(order: TicketOrder, lock: SupplierCall, their_number: str) -> None:
    told = {"lock": lock.number, "their_number": their_number}
    call = new_call(order, lock.supplier, CallKind.RELEASE, answer=told)
    transaction.on_commit(lambda: _later(call.pk), robust=True)


def _later(call_pk: int) -> None:
    from ..tasks import send_release

    send_release.delay(call_pk)


def tell_release(call_pk: int) -> bool:
    """Tell a supplier that it need not hold something; the same number as often as it takes. True: it has heard.

    No transaction is held while it is told. What it does not know (any more) is free.
    """
    call = SupplierCall.objects.select_related("supplier").get(pk=call_pk)
    if call.state not in OPEN:
        return True
    try:
        supplier_of(call.supplier.adapter).release(
            call.number, call.answer["their_number"], call.answer["lock"]
        )
        answer = Answer(CallState.DONE)
    except SupplierRefused as refusal:
        answer = Answer(CallState.REFUSED, None, refusal.code[:40], str(refusal.words)[:200])
    except SupplierSilent as silence:
        answer = Answer(CallState.UNKNOWN, None, "SILENT", silence.words[:200])
    if not answer.is_over and now() > call.sent_at + _LONG_ENOUGH:
        answer = Answer(CallState.REFUSED, None, "EXPIRED", answer.words)
    with transaction.atomic():
        lock_order(call.ticket_order_id)
        row = lock_call(call_pk)
        if row is not None and row.state in OPEN:
            settle(row, answer)
    return answer.is_over


def _settle_release(call: SupplierCall, _answer: Answer) -> None:
    tell_release(call.pk)


register_settler(CallKind.RELEASE, _settle_release)
