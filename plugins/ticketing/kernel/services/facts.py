"""What suppliers tell by themselves (call-backs): the same facts as their answers, twice, out of order, a day late.

Each finds the call by our number or theirs and hands it to whoever settles calls of its kind; a fact that tells
nothing new changes nothing. An unknown number raises TicketError NOT_FOUND, so that the call-back's page can answer it.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..choices import CallKind, CallState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import SupplierCall
from ..ports import Issued, Locked, Refunded
from . import refund_outcomes
from .calls import Answer, answer_of, hand_over


def call_of(supplier: str, number: str, kind: CallKind) -> SupplierCall:
    """A supplier's call by our number, or by theirs (the newest). Raises TicketError NOT_FOUND."""
    calls = SupplierCall.objects.select_related("supplier").filter(supplier__code=supplier, kind=kind)
    found = (
        calls.filter(number=number).first()
        or calls.filter(their_number=number).exclude(their_number="").first()
    )
    if found is None:
        raise TicketError(Code.NOT_FOUND, _("没有这笔供应商业务"), "number")
    return found


def locked(supplier: str, number: str, fact: Locked) -> None:
    """A supplier holds something for us. Locks as `holding.record_lock`. Raises TicketError NOT_FOUND, LockTimeout."""
    hand_over(call_of(supplier, number, CallKind.LOCK), answer_of(fact))


def issued(supplier: str, number: str, fact: Issued) -> None:
    """A supplier made tickets, or works on it. Locks as `issuing.record_issue`. Raises TicketError NOT_FOUND."""
    hand_over(call_of(supplier, number, CallKind.ISSUE), answer_of(fact))


def changed(supplier: str, number: str, fact: Issued) -> None:
    """A supplier changed tickets, or works on it. Locks as `change_asking.record`. Raises NOT_FOUND, LockTimeout."""
    hand_over(call_of(supplier, number, CallKind.CHANGE), answer_of(fact))


def refunded(supplier: str, number: str, fact: Refunded) -> None:
    """A supplier took tickets back, or works on it. Raises TicketError NOT_FOUND, LockTimeout."""
    refund_outcomes.said(call_of(supplier, number, CallKind.REFUND).pk, fact)


def refused(supplier: str, number: str, kind: CallKind, code: str, words: str = "") -> None:
    """A supplier did not do something after all that it worked on. Raises TicketError NOT_FOUND, LockTimeout."""
    call = call_of(supplier, number, kind)
    if kind == CallKind.REFUND:
        refund_outcomes.refused(call.pk, code, words)
        return
    hand_over(call, Answer(CallState.REFUSED, None, code[:40], words[:200]))
