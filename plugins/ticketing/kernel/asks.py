"""What is said to a supplier of a ticket order: its rows as the port's plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from saleor_o2o.kernel.clock import now

from .legs import with_segments
from .models import Ticket, TicketOrder
from .ports import IssueAsk, LockAsk, Person, Unit
from .trades import leg_fare

_ZERO = Decimal(0)


def candidate_of(order: TicketOrder, code: str) -> Mapping[str, Any]:
    """What a supplier calls the trip, and what it costs there, as the order keeps it. Raises LookupError."""
    found: Mapping[str, Any] = next(one for one in order.candidates if one["supplier"] == code)
    return found


def contact_of(order: TicketOrder) -> Person | None:
    """Whom the supplier may call."""
    return Person(order.contact, "", "", order.mobile) if order.mobile else None


def units_of(tickets: Sequence[Ticket], costs: Mapping[str, Any] | None = None) -> tuple[Unit, ...]:
    """The tickets as wanted; `costs` by fare (yuan) where another supplier is asked than the one they are held at."""
    numbers = {ticket.pk: ticket.number for ticket in tickets}
    return tuple(
        Unit(
            ticket.number, ticket.fare, ticket.cost if costs is None else Decimal(of_fare(costs, ticket) or "0"),
            _person(ticket), ticket.seat, ticket.uses, numbers.get(ticket.carried_by_id or 0, ""), position_of(ticket),
        )
        for ticket in with_segments(tickets)
    )  # fmt: skip


def position_of(ticket: Ticket) -> int:
    """On which leg a ticket is, from 1; 0 where its order has only one."""
    return ticket.segment.position if ticket.segment is not None else 0


def legs_of(tickets: Sequence[Ticket]) -> dict[str, int]:
    """The legs of tickets by our number, where they have any."""
    return {one.number: place for one in with_segments(tickets) if (place := position_of(one))}


def of_fare(told: Mapping[str, Any], ticket: Ticket) -> Any:
    """What a candidate's costs or terms say for a ticket: of its leg before that of its fare; None where nothing."""
    if ticket.segment is not None:
        found = told.get(leg_fare(ticket.fare, ticket.segment.position))
        if found is not None:
            return found
    return told.get(ticket.fare)


def _person(ticket: Ticket) -> Person | None:
    one = ticket.passenger
    return Person(one.name, one.document, one.document_number, one.mobile) if one is not None else None


def lock_ask(
    order: TicketOrder, tickets: Sequence[Ticket], own: str, candidate: Mapping[str, Any]
) -> LockAsk:
    """Hold these tickets at this candidate, until the order's own deadline."""
    left = (order.held_until - now()) if order.held_until is not None else timedelta(minutes=15)
    minutes = max(1, -(-int(left.total_seconds()) // 60))
    return LockAsk(
        own, candidate["product"], units_of(tickets, candidate["costs"]), minutes, contact_of(order)
    )


def issue_ask(order: TicketOrder, tickets: Sequence[Ticket], own: str) -> IssueAsk:
    """Make tickets of what is held."""
    amount = sum((ticket.cost for ticket in tickets), _ZERO)
    return IssueAsk(own, order.their_number, order.product, units_of(tickets), amount, contact_of(order))
