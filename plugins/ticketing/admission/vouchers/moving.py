"""How many of a ticket's people are in, and what the ticket's state is then."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from plugins.ticketing.kernel.choices import TicketState
from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import StateMove
from saleor_o2o.kernel.states import made_all_locked, move_all_locked

#: Tickets that let people in.
ALIVE = frozenset({TicketState.ISSUED, TicketState.PART_USED, TicketState.USED})
S = TicketState
#: From which state a ticket gets to which, and how.
_MOVES = {
    (S.ISSUED, S.PART_USED): "use_part",
    (S.PART_USED, S.PART_USED): "use_part",
    (S.ISSUED, S.USED): "use",
    (S.PART_USED, S.USED): "use",
    (S.PART_USED, S.ISSUED): "unuse",
    (S.USED, S.ISSUED): "unuse",
    (S.USED, S.PART_USED): "unuse_part",
}


def room_of(ticket: Ticket) -> int:
    """How many of its people may still come in."""
    return ticket.uses - ticket.back - ticket.used if ticket.state in ALIVE else 0


def set_used(
    tickets: Sequence[Ticket],
    used: Mapping[int, int],
    *,
    actor: str,
    reason: str = "",
    goes_on: Collection[int] = (),
) -> None:
    """Write how many of *locked* tickets' people are in, by key. `goes_on`: those that are not used up with all in."""
    for move, rows in _by_move(tickets, used, goes_on).items():
        if move:
            move_all_locked(rows, move, fields=("used", "used_at"), actor=actor, reason=reason)
        else:
            Ticket.objects.bulk_update(rows, ["used", "used_at"])


def put_used(
    tickets: Sequence[Ticket], used: Mapping[int, int], *, actor: str, goes_on: Collection[int] = ()
) -> tuple[list[Ticket], list[StateMove]]:
    """`set_used` that writes nothing: which tickets it changed, and what is to be logged of them."""
    changed, moves = [], []
    for move, rows in _by_move(tickets, used, goes_on).items():
        changed += rows
        if move:
            moves += made_all_locked(rows, move, actor=actor)
    return changed, moves


def _by_move(
    tickets: Sequence[Ticket], used: Mapping[int, int], goes_on: Collection[int]
) -> dict[str, list[Ticket]]:
    """Put the new counts on the tickets; those that changed by their transition ("": none, only the count)."""
    by_move: dict[str, list[Ticket]] = {}
    moment = now()
    for ticket in tickets:
        count = used.get(ticket.pk, ticket.used)
        full = count >= ticket.uses - ticket.back
        target = S.ISSUED if count == 0 else S.USED if full and ticket.pk not in goes_on else S.PART_USED
        if count == ticket.used and ticket.state == target:
            continue
        ticket.used = count
        ticket.used_at = moment if count else None
        by_move.setdefault(_MOVES.get((TicketState(ticket.state), target), ""), []).append(ticket)
    return by_move
