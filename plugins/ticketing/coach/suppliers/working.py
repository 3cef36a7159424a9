"""Work on call-backs. What one says of a call is only a reason to ask the network how it stands now.

So one that comes twice, late by a day, or before the one that it follows leads to the same rows. A bus is cancelled for
everybody where its network's list does not sell it; the gate is taken at the network's word.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.choices import CallKind, CallState
from plugins.ticketing.kernel.models import SupplierCall, SupplierNotice
from plugins.ticketing.kernel.ports import (
    Issued,
    Locked,
    Refunded,
    SupplierRefused,
    supplier_of,
)
from plugins.ticketing.kernel.services import facts
from plugins.ticketing.kernel.services.calls import OPEN
from plugins.ticketing.kernel.services.notices import Unknown
from saleor_o2o.kernel.clock import now

from ..choices import OfferState
from ..models import CoachTrip, Refresh, ShiftDay
from ..services.cancelling import cancel_day
from ..services.following import follow
from ..services.moving import offers_of
from ..services.refreshing import STALE, freshen
from . import fangbian, province
from .boarding import note_checked, note_collected
from .told import NoticeKind, Told, Untrue

#: So long the list is asked again before a notice that it does not bear out counts for nothing (a list that sells the
#: bus) or by itself (a network that is silent): as long as a list is shown at most.
TRUSTED = STALE
#: How a stored call-back is read again, by adapter.
READERS: dict[str, Callable[[bytes], Told]] = {
    province.ADAPTER: province.notice_of,
    fangbian.ADAPTER: fangbian.notice_of,
}
_CALLS = {
    NoticeKind.LOCKED: CallKind.LOCK, NoticeKind.ISSUED: CallKind.ISSUE, NoticeKind.REFUNDED: CallKind.REFUND,
    NoticeKind.CHANGED: CallKind.CHANGE,
}  # fmt: skip


def work(notice: SupplierNotice) -> None:
    """Bring our rows in step with what a call-back is about. Asks the network: call it outside transactions.

    Raises Unknown, SupplierSilent, SupplierRefused, DomainError, LockTimeout.
    """
    try:
        told = READERS[notice.adapter](notice.body.encode())
    except Untrue as untrue:
        raise Unknown(untrue.code) from None
    if told.kind in _CALLS:
        _ask(notice.adapter, _CALLS[told.kind], told.own)
    elif told.kind in (NoticeKind.BUS_CANCELLED, NoticeKind.BUS_MOVED):
        _bus(notice.adapter, told, notice.received_at)
    elif told.kind == NoticeKind.CHECKED:
        note_checked(notice.adapter, told.ticket)
    elif told.kind == NoticeKind.COLLECTED:
        note_collected(notice.adapter, told.ticket, notice.received_at)


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


def _bus(adapter: str, told: Told, heard_at: datetime) -> None:
    """A bus does not go, or goes at another time. One that we never showed is nothing to us. Raises Unknown, to be
    asked again, while the network's list does not bear out that it does not go."""
    if told.day is None or not told.shift:
        return
    days = ShiftDay.objects.select_related("shift__line__start").filter(
        # one that moved has no offers any more, but perhaps tickets
        Q(offers__supplier__adapter=adapter, offers__their_shift=told.shift)
        | Q(pk__in=_with_tickets(adapter, told.shift)),
        day=told.day,
    )
    in_time, doubts = now() - heard_at < TRUSTED, []
    for day in days.distinct().order_by("pk"):
        asked_at = now()
        freshen([day.shift.line.start], day.day, age=timedelta(0))
        follow(day.pk, adapter, told.shift)
        if told.kind == NoticeKind.BUS_CANCELLED:
            doubts.append(_doubt(day, adapter, told.shift, asked_at, None if in_time else heard_at))
    why = next(filter(None, doubts), "")
    if why and in_time:
        raise Unknown(why)


def _doubt(
    day: ShiftDay, adapter: str, their_shift: str, asked_at: datetime, heard_at: datetime | None
) -> str:
    """Cancel a bus of which a notice says that it does not go, or say why not.

    Nothing in a notice says when it was said: the list that was asked at `asked_at` decides, the notice only where the
    network answers nothing until `heard_at` is given. Locks as `cancel_day`. Raises LockTimeout.
    """
    asked = Refresh.objects.filter(supplier__adapter=adapter, station=day.shift.line.start, day=day.day)
    if not asked.filter(ok=True, asked_at__gte=asked_at).exists():
        if heard_at is None:
            return _("客票网没有应答，稍后再核对")
        cancel_day(day.pk, adapter, heard_at)
    elif offers_of(day.pk, adapter, their_shift).exclude(state=OfferState.CANCELLED).exists():
        return _("客票网仍在列出该班次，稍后再核对")
    else:
        cancel_day(day.pk, adapter)
    return ""
