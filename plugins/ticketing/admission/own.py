"""Our own inventory as a supplier of the kernel's: asked inside the transaction, so it never is silent.

Their number of a hold is the hold's; their number of a ticket says its class and its seat (`12-345`, `12-0`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.ports import (
    HOLD_LOST,
    NOT_ON_SALE,
    OTHER,
    SOLD_OUT,
    ChangeAsk,
    IssueAsk,
    Issued,
    Line,
    LockAsk,
    Locked,
    RefundAsk,
    Refunded,
    SupplierRefused,
    Unit,
)
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import split

from .choices import SessionState
from .errors import AdmissionError
from .errors import AdmissionErrorCode as Code
from .inventory import Wish, confirm, release, release_tickets
from .inventory.geometry import geometry_of
from .inventory.quotas import cancelled, sold_out, take_units
from .inventory.taking import take_uncounted
from .models import Session, SessionSeat, Taking
from .services import limits

_CODES = {
    Code.SOLD_OUT: SOLD_OUT, Code.SEAT_TAKEN: SOLD_OUT, Code.NOT_ON_SALE: NOT_ON_SALE, Code.HOLD_LOST: HOLD_LOST,
}  # fmt: skip
#: The kernel keeps the code of a refusal; the words that name the seat are kept here for whoever asked.
_last: ContextVar[AdmissionError | None] = ContextVar("o2o_admission_refusal", default=None)


def last_refusal() -> AdmissionError | None:
    """What our own inventory said last in this context, and forget it."""
    found = _last.get()
    _last.set(None)
    return found


def _refused(error: AdmissionError) -> SupplierRefused:
    _last.set(error)
    return SupplierRefused(_CODES.get(Code(error.code.value), OTHER), error.message)


class OwnInventory:
    """`kernel.ports.Supplier` on our own quotas and seats."""

    local = True

    def lock(self, ask: LockAsk) -> Locked:
        """Take seats, and units as the last thing of the transaction. Locks as `inventory.take`."""
        _last.set(None)
        until = now() + timedelta(minutes=ask.minutes)
        groups: dict[str, list[Unit]] = {}
        for unit in ask.units:
            groups.setdefault(unit.fare, []).append(unit)
        try:
            wishes = [_wish(ask.product, fare, units) for fare, units in groups.items()]
            got, counted = take_uncounted(ask.own, wishes, until)
        except AdmissionError as error:
            raise _refused(error) from None
        seats = {}
        for line, units in zip(got.lines, groups.values(), strict=True):
            # who chose gets his choice in its order, who did not the seats from the left
            seats.update({unit.ticket: seat.label for unit, seat in zip(units, line.seats, strict=False)})
        return Locked(ask.own, until, seats, last=partial(_count, counted) if counted else None)

    def release(self, own: str, their_number: str, lock_own: str) -> None:
        """Let go of a hold; again, or after the sale: nothing."""
        hold = their_number or lock_own
        if release(hold):
            limits.give_back(hold)

    def issue(self, ask: IssueAsk) -> Issued:
        """Sell what is held, unless its session has been cancelled meanwhile: then the money goes back."""
        try:
            _refuse_cancelled(ask.product)
            confirm(ask.their_number)
        except AdmissionError as error:
            raise _refused(error) from None
        return Issued(
            their_number=ask.their_number, tickets=_numbers(ask.their_number, ask.product, ask.units),
            seats={unit.ticket: unit.seat for unit in ask.units if unit.seat},
        )  # fmt: skip

    def refund(self, ask: RefundAsk) -> Refunded:
        """Take whole tickets back; of one that lets in several people a part goes back without freeing anything."""
        whole = {ours: theirs for ours, theirs in ask.tickets.items() if ours not in ask.quantities}
        try:
            _give_back(ask.their_number, whole.values(), at_once=ask.carriers_fault)
            _uncount(ask.their_number, list(whole))
        except AdmissionError as error:
            raise _refused(error) from None
        return Refunded(amounts=_shares(list(ask.tickets), ask.expect), document=ask.own)

    def change(self, ask: ChangeAsk) -> Issued:
        """Sell the new hold and take the old tickets back, together; for limits only the new ones count then."""
        try:
            confirm(ask.new_number)
            _give_back(ask.their_number, ask.old.values(), at_once=False)
            _uncount(ask.their_number, list(ask.old))
        except AdmissionError as error:
            raise _refused(error) from None
        return Issued(
            their_number=ask.new_number, tickets=_numbers(ask.new_number, ask.product, ask.units),
            seats={unit.ticket: unit.seat for unit in ask.units if unit.seat},
        )  # fmt: skip

    def find(self, kind: CallKind, own: str) -> Locked | Issued | Refunded | None:
        """What a call did: it was done in the transaction that wrote it, or not at all."""
        row = Taking.objects.filter(hold=own).order_by("pk").first()
        return Locked(own, row.until) if row is not None and kind == CallKind.LOCK else None

    def statement(self, day: date) -> Sequence[Line]:
        """Nobody sends us a bill for our own."""
        return ()

    def ping(self) -> None:
        """It is here."""


def _count(units: Mapping[int, int]) -> None:
    if not take_units(units):
        raise _refused(sold_out())


def _refuse_cancelled(product: Mapping[str, Any]) -> None:
    if product["session"] is None:
        return
    if Session.objects.filter(pk=product["session"], state=SessionState.CANCELLED).exists():
        raise cancelled()


def _wish(product: Mapping[str, Any], fare: str, units: Sequence[Unit]) -> Wish:
    known = product["classes"].get(fare)
    if known is None:
        raise SupplierRefused(NOT_ON_SALE, AdmissionError(Code.NOT_ON_SALE, "").message)
    key, category = known
    chosen: tuple[int, ...] = ()
    seat_map = product["seat_map"]
    if seat_map is not None and all(unit.seat for unit in units):
        named = geometry_of(seat_map).named
        chosen = tuple(named[unit.seat].seat if unit.seat in named else 0 for unit in units)
    return Wish(
        product=product["product"], ticket_class=key, quantity=len(units), channel=product["channel"],
        session=product["session"], slot=product["slot"],
        day=date.fromisoformat(product["day"]) if product["day"] else None, seat_map=seat_map, category=category,
        seats=chosen,
    )  # fmt: skip


def _numbers(hold: str, product: Mapping[str, Any], units: Sequence[Unit]) -> dict[str, str]:
    seats = {row.label: row.seat_id for row in SessionSeat.objects.filter(hold=hold)}
    return {unit.ticket: f"{product['classes'][unit.fare][0]}-{seats.get(unit.seat, 0)}" for unit in units}


def _give_back(hold: str, tickets: Any, *, at_once: bool) -> None:
    groups: dict[int, list[int]] = {}
    for told in tickets:
        kind, _sep, seat = told.partition("-")
        groups.setdefault(int(kind), []).append(int(seat))
    for kind, seats in sorted(groups.items()):
        release_tickets(hold, kind, len(seats), seats=[seat for seat in seats if seat], at_once=at_once)


def _uncount(hold: str, tickets: Sequence[str]) -> None:
    """Tickets that were refunded, or changed for others, do not count for limits any more."""
    row = Taking.objects.filter(hold=hold).order_by("pk").first()
    if row is None or not tickets:
        return
    people = Ticket.objects.filter(number__in=tickets, passenger__isnull=False)
    documents = list(people.values_list("passenger__document_index", flat=True))
    limits.give_back_tickets(hold, len(tickets), documents, session=row.session_id, day=row.day)


def _shares(tickets: Sequence[str], expect: Decimal) -> dict[str, Decimal]:
    """What we expected, by ticket, to the fen."""
    return dict(zip(tickets, split(expect, [1] * len(tickets)), strict=True))
