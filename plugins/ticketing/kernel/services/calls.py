"""Calls to suppliers: written and committed under our own number before they are sent, and settled once.

`ask` speaks to the supplier and touches no row; what it answers is recorded by whoever asked, under the ticket order's
lock. A call without an answer is looked up by its number when `ask_at` has come (`sweep`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.sweeping import sum_each

from ..choices import CallKind, CallState
from ..models import RefundRequest, SupplierAccount, SupplierCall, TicketOrder
from ..numbers import CALL
from ..ports import (
    NO_DEPOSIT,
    UNREACHABLE,
    Issued,
    Locked,
    Refunded,
    SupplierRefused,
    SupplierSilent,
    supplier_of,
)
from ..settings import query_after
from .deposits import note_refusal
from .health import note_failure, note_ok

logger = logging.getLogger(__name__)
OPEN = (CallState.SENT, CallState.WORKING, CallState.UNKNOWN)
#: The refusal of a call that never reached the supplier.
NOT_DONE = "NOT_DONE"
#: The code of a call whose answer people got by telephone.
BY_HAND = "BY_HAND"
#: Refusals that say something about the tickets, not about the supplier's health.
_ORDINARY = frozenset({
    "SOLD_OUT", "PRICE_CHANGED", "NOT_ON_SALE", "PASSENGER_REFUSED", "HOLD_LOST", "OUT_OF_HOURS", "CLOSED_FOR_CHANGE",
    "CANCELLED", NO_DEPOSIT,
})  # fmt: skip
Found = Locked | Issued | Refunded | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call: its state, the facts where it was done, the refusal's code and words where it was not."""

    state: CallState
    found: Found = None
    code: str = ""
    words: str = ""

    @property
    def is_over(self) -> bool:
        """Done or certainly not done."""
        return self.state in (CallState.DONE, CallState.REFUSED)


def new_call(
    order: TicketOrder,
    supplier: SupplierAccount,
    kind: CallKind,
    *,
    refund: RefundRequest | None = None,
    answer: Mapping[str, Any] | None = None,
) -> SupplierCall:
    """Write a call that is about to be sent; commit before sending it."""
    moment = now()
    return SupplierCall.objects.create(
        number=next_number(CALL), supplier=supplier, ticket_order=order, refund=refund, kind=kind, sent_at=moment,
        ask_at=moment + query_after(), answer=dict(answer or {}),
    )  # fmt: skip


def ask(call: SupplierCall, send: Callable[[Any], Any]) -> Answer:
    """Send a call that is committed: `send(adapter)` does. After a silence it is asked at once what it did.

    Touches no row but the supplier's health. Call it outside transactions: it may take as long as the supplier likes.
    """
    adapter = supplier_of(call.supplier.adapter)
    try:
        answer = answer_of(send(adapter))
    except SupplierRefused as refusal:
        answer = Answer(CallState.REFUSED, None, refusal.code[:40], str(refusal.words)[:200])
    except SupplierSilent as silence:
        logger.warning("supplier %s is silent about %s", call.supplier.code, call.number)
        answer = look_up(call, silence.words)
    _note_health(call, answer)
    return answer


def answer_of(found: Found) -> Answer:
    """Facts as an answer: done, or being worked on."""
    if isinstance(found, Issued | Refunded) and found.working:
        return Answer(CallState.WORKING, found)
    return Answer(CallState.DONE, found)


def look_up(call: SupplierCall, words: str = "") -> Answer:
    """Ask a supplier what became of a call.

    A number that it does not know was not done; but what may still be on its way to it counts as unknown for a while:
    a ticket is never issued twice. What it said that it works on it has: there it stays so until it says what became of
    it, however often it is silent or does not find it. For a hold the next candidate is asked at once: one too many is
    released later.
    """
    adapter = supplier_of(call.supplier.adapter)
    open_still = CallState.WORKING if call.state == CallState.WORKING else CallState.UNKNOWN
    try:
        found = adapter.find(CallKind(call.kind), call.number)
    except SupplierRefused as refusal:
        return Answer(CallState.REFUSED, None, refusal.code[:40], str(refusal.words)[:200])
    except SupplierSilent as silence:
        return Answer(open_still, None, "SILENT", (words or silence.words)[:200])
    if found is not None:
        return answer_of(found)
    early = call.kind != CallKind.LOCK and now() < call.sent_at + query_after()
    if early or open_still == CallState.WORKING:
        return Answer(open_still, None, "SILENT", words[:200])
    return Answer(CallState.REFUSED, None, NOT_DONE, str(_("供应商没有收到请求")))


def _note_health(call: SupplierCall, answer: Answer) -> None:
    sick = (
        answer.state == CallState.UNKNOWN
        or answer.code == UNREACHABLE
        or (
            answer.state == CallState.REFUSED and call.kind == CallKind.ISSUE and answer.code not in _ORDINARY
        )
    )
    note_failure(call.supplier) if sick else note_ok(call.supplier)
    note_refusal(call, answer.state, answer.code)


def settle(call: SupplierCall, answer: Answer, told: Mapping[str, Any] | None = None) -> None:
    """Write what became of a *locked* call. `told` is kept with it: nothing personal."""
    call.state, call.code, call.words = answer.state, answer.code, answer.words
    call.answered_at = now()
    call.ask_at = None if answer.is_over else next_look(call)
    call.their_number = getattr(answer.found, "their_number", "") or call.their_number
    call.answer = {**call.answer, **(told or {})}
    call.save()


def next_look(call: SupplierCall) -> Any:
    """When to ask again: soon, then ever more rarely, never less than twice an hour."""
    pause = query_after() * 2 ** min(call.asked_again, 5)
    return now() + min(pause, timedelta(minutes=30))


Settler = Callable[[SupplierCall, Answer], None]
_settlers: dict[str, Settler] = {}


def register_settler(kind: CallKind, settler: Settler) -> None:
    """Whom `sweep` and call-backs hand an answer to, by kind; it looks under its own locks whether it still counts."""
    _settlers[kind.value] = settler


def hand_over(call: SupplierCall, answer: Answer) -> None:
    """Give an answer to whoever settles calls of its kind. Twice: the second finds the call settled."""
    _settlers[call.kind](call, answer)


def sweep(limit: int = 100) -> int:
    """Ask suppliers about holds and issues without an answer, the longest waiting first; how many are over now."""
    due = SupplierCall.objects.select_related("supplier").filter(
        state__in=OPEN, ask_at__lte=now(), kind__in=(CallKind.LOCK, CallKind.RELEASE, CallKind.ISSUE)
    )

    def over(call: SupplierCall) -> bool:
        # the next look is written down first: one that always fails never keeps the others waiting
        SupplierCall.objects.filter(pk=call.pk, state__in=OPEN).update(
            asked_again=call.asked_again + 1, ask_at=next_look(call)
        )
        if call.kind == CallKind.RELEASE:
            hand_over(call, Answer(CallState.UNKNOWN))
            return False
        answer = look_up(call)
        hand_over(call, answer)
        return answer.is_over

    return sum_each(due.order_by("ask_at")[:limit], over, "looking up")
