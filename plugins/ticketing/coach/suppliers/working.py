"""Work on call-backs. What one says of a call is only a reason to ask the network how it stands now.

So one that comes twice, late by a day, or before the one that it follows leads to the same rows. Buses and the gate are
taken at the network's word: a bus that is cancelled is cancelled for everybody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.choices import CallKind, CallState
from plugins.ticketing.kernel.models import SupplierCall
from plugins.ticketing.kernel.ports import (
    Issued,
    Locked,
    Refunded,
    SupplierRefused,
    SupplierSilent,
    supplier_of,
)
from plugins.ticketing.kernel.services import facts
from plugins.ticketing.kernel.services.calls import OPEN
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import LockTimeout

from ..models import CoachTrip, ShiftDay
from ..services.cancelling import cancel_day
from ..services.moving import follow_bus
from ..services.refreshing import freshen
from . import fangbian, province
from .boarding import note_checked
from .models import NetworkNotice
from .told import NoticeKind, NoticeState, Told, Untrue

logger = logging.getLogger(__name__)
#: After so many tries a person has to look.
MOST_TRIES = 10
LONGEST = timedelta(hours=1)
#: How a stored call-back is read again, by adapter.
READERS: dict[str, Callable[[bytes], Told]] = {
    province.ADAPTER: province.notice_of,
    fangbian.ADAPTER: fangbian.notice_of,
}
_CALLS = {
    NoticeKind.LOCKED: CallKind.LOCK, NoticeKind.ISSUED: CallKind.ISSUE, NoticeKind.REFUNDED: CallKind.REFUND,
    NoticeKind.CHANGED: CallKind.CHANGE,
}  # fmt: skip


class Unknown(Exception):
    """The call-back speaks of something that we do not have (yet)."""


def work(pk: int) -> str:
    """Work on one call-back that waits; its state afterwards, "" for one that does not wait.

    Asks the network: call it outside transactions.
    """
    notice = NetworkNotice.objects.filter(pk=pk, state=NoticeState.WAITING).first()
    if notice is None:
        return ""
    notice.tries += 1
    try:
        _do(notice)
    except (SupplierSilent, SupplierRefused) as error:
        return _again(notice, str(error.words))
    except (Unknown, Untrue, DomainError, LockTimeout) as error:
        return _again(notice, str(error) or type(error).__name__)
    notice.state, notice.done_at, notice.next_at, notice.why = NoticeState.DONE, now(), None, ""
    return _kept(notice)


def due(limit: int = 100) -> list[int]:
    """Call-backs whose next try has come."""
    waiting = NetworkNotice.objects.filter(state=NoticeState.WAITING, next_at__lte=now())
    return list(waiting.order_by("next_at").values_list("pk", flat=True)[:limit])


def again(pk: int) -> None:
    """Let a call-back that is stuck wait once more."""
    NetworkNotice.objects.filter(pk=pk, state=NoticeState.STUCK).update(
        state=NoticeState.WAITING, tries=0, next_at=now()
    )


def _kept(notice: NetworkNotice) -> str:
    NetworkNotice.objects.filter(pk=notice.pk, state=NoticeState.WAITING).update(
        state=notice.state,
        done_at=notice.done_at,
        next_at=notice.next_at,
        why=notice.why[:200],
        tries=notice.tries,
    )
    return str(notice.state)


def _again(notice: NetworkNotice, why: str) -> str:
    logger.warning("call-back %s of %s: %s", notice.number, notice.adapter, why)
    over = notice.tries >= MOST_TRIES
    notice.state = NoticeState.STUCK if over else NoticeState.WAITING
    notice.next_at = None if over else now() + min(timedelta(seconds=5 * 2**notice.tries), LONGEST)
    notice.why = why
    return _kept(notice)


def _do(notice: NetworkNotice) -> None:
    read = READERS.get(notice.adapter)
    if read is None:
        raise Unknown(_("没有这个客票网的接口：%(name)s") % {"name": notice.adapter})
    told = read(notice.body.encode())
    if told.kind in _CALLS:
        _ask(notice.adapter, _CALLS[told.kind], told.own)
    elif told.kind in (NoticeKind.BUS_CANCELLED, NoticeKind.BUS_MOVED):
        _bus(notice.adapter, told)
    elif told.kind == NoticeKind.CHECKED:
        note_checked(notice.adapter, told.ticket)


def _ask(adapter: str, kind: CallKind, own: str) -> None:
    """Ask how a call stands, and hand the answer over. Raises SupplierSilent, Unknown, TicketError."""
    calls = SupplierCall.objects.select_related("supplier")
    call = calls.filter(number=own, kind=kind, supplier__adapter=adapter).first()
    if call is None:
        raise Unknown(_("没有这笔业务：%(number)s") % {"number": own})
    if call.state == CallState.DONE:
        return
    if kind == CallKind.CHANGE:  # whoever changes asks by itself: as soon as it can
        SupplierCall.objects.filter(pk=call.pk, state__in=OPEN).update(ask_at=now())
        return
    code = call.supplier.code
    try:
        found = supplier_of(adapter).find(kind, own)
    except SupplierRefused as refusal:
        facts.refused(code, own, kind, refusal.code, str(refusal.words))
        return
    match found:
        case None:
            raise Unknown(_("客票网查不到：%(number)s") % {"number": own})
        case Locked():
            facts.locked(code, own, found)
        case Issued():
            facts.issued(code, own, found)
        case Refunded():
            facts.refunded(code, own, found)


def _with_tickets(adapter: str, shift: str) -> QuerySet[CoachTrip, int]:
    """Days of a network's bus that people have tickets of, as their orders keep it."""
    kept = Q(ticket_order__product__shift=shift) | Q(ticket_order__product__bus=shift)
    return CoachTrip.objects.filter(kept, ticket_order__supplier__adapter=adapter).values_list(
        "shift_day", flat=True
    )


def _bus(adapter: str, told: Told) -> None:
    """A bus does not go, or goes at another time. One that we never showed is nothing to us."""
    if told.day is None or not told.shift:
        return
    days = ShiftDay.objects.select_related("shift__line__start").filter(
        # one that moved has no offers any more, but perhaps tickets
        Q(offers__supplier__adapter=adapter, offers__their_shift=told.shift)
        | Q(pk__in=_with_tickets(adapter, told.shift)),
        day=told.day,
    )
    for day in days.distinct().order_by("pk"):
        if told.kind == NoticeKind.BUS_CANCELLED:
            cancel_day(day.pk)
        freshen([day.shift.line.start], day.day, age=timedelta(0))
        if told.kind == NoticeKind.BUS_MOVED:
            follow_bus(day.pk, adapter, told.shift)
