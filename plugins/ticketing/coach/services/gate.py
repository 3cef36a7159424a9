"""The gate: a passenger is found by code, document or number; the checks have an order, and each look one answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from plugins.org_hierarchy.interfaces import OrgUnit, desk_of
from plugins.ticketing.kernel.choices import TicketState, Trade
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.passengers import Passenger, PassengerType
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.documents import DocumentKind, number_of
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.states import move_locked

from ..access import CHECK
from ..choices import GateAnswer, GateWay, ShiftState
from ..codes import PREFIX
from ..models import GateCheck, PaperSheet, Station
from ..windows import told_times
from .gate_keys import number_in

A = GateAnswer
PASSED = audit.action("coach.gate_passed", "汽车检票")
_TAKING = (TicketState.ISSUED, TicketState.USED)


@dataclass(frozen=True, slots=True)
class Look:
    """What the gate says; `ticket` None: nobody was found."""

    answer: GateAnswer
    ticket: Ticket | None
    check: GateCheck


@transaction.atomic
def check_in(by: Any, station: Station, told: str, *, look_only: bool = False) -> Look:
    """Let a passenger on to his bus, or say why not. `told`: a scanned code, a document's number, a ticket's or a paper
    ticket's number. The same passenger again is told that he passed.

    Locks: the ticket. Raises NotAllowed, LockTimeout.
    """
    unit = desk_of(by, CHECK)
    way, keys = _found(station, told)
    if not keys:
        return Look(A.NOT_FOUND, None, _write(None, station, unit, way, A.NOT_FOUND, by))
    rows = lock_rows(
        Ticket.objects.select_related(
            "ticket_order__coach_trip__shift_day__shift", "ticket_order__coach_trip__goal", "passenger"
        ).filter(pk__in=keys)
    )
    ticket, answer = _best(rows, station)
    if answer == A.PASSED and not look_only:
        move_locked(ticket, "use", actor=actor_label(by))
        Ticket.objects.filter(pk=ticket.pk).update(used=1, used_at=now())
        audit.record(
            PASSED, ticket, after={"station": station.code}, actor=actor_label(by), org_path=unit.path
        )
    if look_only:
        return Look(
            answer, ticket, GateCheck(ticket=ticket, station=station, unit=unit, way=way, answer=answer)
        )
    return Look(answer, ticket, _write(ticket, station, unit, way, answer, by))


def _write(
    ticket: Ticket | None, station: Station, unit: OrgUnit, way: str, answer: str, by: Any
) -> GateCheck:
    return GateCheck.objects.create(ticket=ticket, station=station, unit=unit, way=way, answer=answer, by=by)


def _found(station: Station, told: str) -> tuple[GateWay, list[int]]:
    """Which tickets are meant, at most a few: one by a code, all of today's from here by a document."""
    text = told.strip()[:120]
    tickets = Ticket.objects.filter(ticket_order__trade=Trade.COACH)
    if text.upper().startswith(f"{PREFIX}."):
        number = number_in(text)
        return GateWay.QR, list(tickets.filter(number=number).values_list("pk", flat=True)) if number else []
    indexes = indexes_of(text)
    if indexes:
        mine = tickets.filter(
            passenger__document_index__in=indexes, ticket_order__coach_trip__isnull=False,
            ticket_order__coach_trip__shift_day__day__gte=today() - timedelta(days=1),
        )  # fmt: skip
        found = list(mine.order_by("ticket_order__starts_at").values_list("pk", flat=True)[:20])
        if found:
            return GateWay.ID, found
    plain = text.upper().replace(" ", "")
    by_number = tickets.filter(Q(number=plain) | Q(their_number=plain)) if plain else tickets.none()
    found = list(by_number.values_list("pk", flat=True)[:2])
    if not found and plain:
        sheets = PaperSheet.objects.filter(serial=plain, ticket__isnull=False)
        found = list(sheets.values_list("ticket", flat=True))
    return GateWay.TYPED, [pk for pk in found if pk is not None]


def indexes_of(text: str) -> set[str]:
    """The blind indexes of a document's number, as each kind of document that it may be."""
    found = set()
    for kind in DocumentKind:
        number = number_of(kind, text)
        if number is not None:
            found.add(Passenger("", kind, number, today(), PassengerType.ADULT).index)
    return found


def _best(rows: list[Ticket], station: Station) -> tuple[Ticket, GateAnswer]:
    """Of several tickets of one person the one that may pass now; else the one whose answer helps most."""
    looked = [(ticket, _answer(ticket, station)) for ticket in rows]
    order = (
        A.PASSED, A.ALREADY, A.TOO_EARLY, A.CANCELLED, A.DEPARTED, A.OTHER_STATION, A.OTHER_DAY, A.NOT_VALID,
    )  # fmt: skip
    return min(looked, key=lambda one: (order.index(one[1]), one[0].ticket_order.starts_at))


def _answer(ticket: Ticket, station: Station) -> GateAnswer:
    trip = getattr(ticket.ticket_order, "coach_trip", None)
    if trip is None or ticket.state not in _TAKING:
        return A.NOT_VALID
    if trip.start_id != station.pk:
        return A.OTHER_STATION
    day, moment = trip.shift_day, now()
    # by what the passenger was told: networks may disagree for a while (0158)
    departs, last = told_times(ticket.ticket_order.place)
    opens = departs - timedelta(minutes=station.gate_minutes)
    # about midnight a bus is boarded the evening before, and the last one of a flow leaves the day after
    if day.day != today() and not opens <= moment <= last:
        return A.OTHER_DAY
    if ticket.state == TicketState.USED:
        return A.ALREADY
    if day.state == ShiftState.CANCELLED:
        return A.CANCELLED
    if moment < opens:
        return A.TOO_EARLY
    if moment > last:
        return A.DEPARTED
    return A.PASSED
