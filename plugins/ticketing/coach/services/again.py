"""Who goes again: the people of tickets that are changed for another bus, as they were sold, nothing typed twice."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.ticketing.kernel.models import Ticket, TicketPassenger

from ..choices import Proof
from ..fares import Rider


def riders_again(tickets: Sequence[Ticket]) -> list[Rider]:
    """The people of some tickets of one order, with the kinds for which they were sold; in their order.

    Tickets without a passenger are left out. Two statements more than the tickets, whatever their number.
    """
    named = [one for one in tickets if one.passenger is not None]
    if not named:
        return []
    party = list(TicketPassenger.objects.filter(ticket_order=named[0].ticket_order_id))
    return [_again(one, party) for one in named]


def _again(ticket: Ticket, party: Sequence[TicketPassenger]) -> Rider:
    one, proof = ticket.passenger, getattr(ticket, "coach_proof", None)
    assert one is not None  # noqa: S101 - riders_again leaves them out
    # who has the document of somebody older in the party went by it
    lent = any(other.document_index == one.document_index and other.birth < one.birth for other in party)
    return Rider(
        one.name, one.document, "" if lent else one.document_number, birth=one.birth, mobile=one.mobile,
        fare=ticket.fare, certificate=proof.certificate if proof is not None else "",
        by_height=proof is not None and proof.proof == Proof.HEIGHT, adult=one.document_number if lent else "",
        again=True,
    )  # fmt: skip
