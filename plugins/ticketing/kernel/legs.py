"""The legs of a ticket order, read in one way: an order of a single trip is its own leg and has no row for it.

Whatever is asked of a ticket's trip (when it leaves, what it is called, by which key) is asked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Q, prefetch_related_objects
from django.db.models.functions import Coalesce

from saleor_o2o.kernel.clock import now

from .models import Segment, Ticket, TicketOrder


@dataclass(frozen=True, slots=True)
class Leg:
    """One trip of an order. `key`, `title`, `product` as on TicketOrder; `position` from 1, 0 for a single trip.

    `number`: what travellers call it; `origin` and `goal` as the trade shows them.
    """

    key: str
    title: str
    starts_at: datetime
    ends_at: datetime
    number: str = ""
    origin: str = ""
    goal: str = ""
    product: Mapping[str, Any] = field(default_factory=dict)
    position: int = 0
    no_trip: bool = False


def _of_segment(row: Segment) -> Leg:
    return Leg(
        row.key, row.title, row.starts_at, row.ends_at, row.number, row.origin, row.goal, row.product, row.position,
        row.no_trip,
    )  # fmt: skip


def _of_order(order: TicketOrder) -> Leg:
    told = order.place
    return Leg(
        order.key, order.title, order.starts_at, order.ends_at, str(told.get("number", "")),
        str(told.get("start", "")), str(told.get("goal", "")), order.product, 0, order.no_trip,
    )  # fmt: skip


def segments(order: TicketOrder) -> list[Leg]:
    """All legs of an order in their order, one at least. A statement where `segments` is not prefetched."""
    return [_of_segment(one) for one in order.segments.all()] or [_of_order(order)]


def leg_of(ticket: Ticket) -> Leg:
    """On which trip a ticket is. No statement for a single trip whose order was read with the ticket."""
    return _of_segment(ticket.segment) if ticket.segment is not None else _of_order(ticket.ticket_order)


def with_segments(tickets: Sequence[Ticket]) -> Sequence[Ticket]:
    """Read the legs of all of these tickets together; a statement where they have any."""
    prefetch_related_objects([one for one in tickets if one.segment_id is not None], "segment")
    return tickets


def title_of(tickets: Sequence[Ticket], order: TicketOrder) -> str:
    """What these tickets of an order are called: their leg, where they are all on one; else the whole trip."""
    found = {one.segment_id for one in tickets}
    return leg_of(tickets[0]).title if len(found) == 1 and None not in found else order.title


def class_of(ticket: Ticket) -> str:
    """A ticket's class as clerks choose among tickets of an order: with its leg, where there are several."""
    return f"{ticket.segment.title} {ticket.fare_name}" if ticket.segment is not None else ticket.fare_name


def has_broken(ticket: Ticket) -> bool:
    """Whether the carrier took a leg from an order of several, and this ticket's leg is not behind its passenger yet.

    Whoever bought a way there and back wants neither without the other: the rest goes back or is changed without a fee,
    too, until it leaves. Of a single trip its trade knows; no statement.
    """
    segment = ticket.segment
    if segment is None:
        return False
    if segment.no_trip:
        return True
    return segment.starts_at > now() and Segment.objects.filter(
        ticket_order=segment.ticket_order_id, no_trip=True
    ).exists()  # fmt: skip


def column(name: str, of_ticket: str = "", of_order: str = "") -> Coalesce:
    """`key`, `title`, `starts_at` or `ends_at` of a ticket's trip, for queries."""
    ticket = f"{of_ticket}__" if of_ticket else ""
    return Coalesce(F(f"{ticket}segment__{name}"), F(f"{of_order or f'{ticket}ticket_order'}__{name}"))


def tickets_on(trade: str, key: str, starts_at: datetime) -> Q:
    """Tickets of one trip of a trade, of a single trip or as one leg of several."""
    single = Q(segment=None, ticket_order__key=key, ticket_order__starts_at=starts_at)
    return Q(ticket_order__trade=trade) & (single | Q(segment__key=key, segment__starts_at=starts_at))


def orders_on(trade: str, key: str, starts_at: datetime) -> Q:
    """Ticket orders of which a trip is this one. One statement, so that PostgreSQL takes its index for both kinds."""
    legs = Segment.objects.filter(key=key, starts_at=starts_at).order_by()
    several = list(legs.values_list("ticket_order", flat=True))
    return Q(trade=trade) & (Q(key=key, starts_at=starts_at) | Q(pk__in=several))
