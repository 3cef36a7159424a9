"""What admission tells others, after the commit, under `session:<pk>`. None carries personal data."""

from __future__ import annotations

from datetime import datetime

from saleor_o2o.kernel.events import Event


class SessionCancelled(Event):
    """A session does not take place; what was sold goes back without a fee."""

    name = "admission.session_cancelled"

    session_id: int
    reason: str


class SessionPostponed(Event):
    """A session begins at another time; who bought may keep the ticket or give it back without a fee."""

    name = "admission.session_postponed"

    session_id: int
    before: datetime
    after: datetime
    reason: str


class TicketsOffered(Event):
    """Somebody who waited, or won a lot, has tickets until a moment, if he orders."""

    name = "admission.tickets_offered"

    waiting_id: int
    user_id: int
    product: str
    until: datetime


class WaitingOver(Event):
    """Somebody waited, and there will be no tickets for him: what he waited for is over, or does not take place."""

    name = "admission.waiting_over"

    waiting_id: int
    user_id: int
    product: str
    why: str


class LotsDrawn(Event):
    """The lots of a draw are drawn; who has none is told, who won has `TicketsOffered`."""

    name = "admission.lots_drawn"

    draw_id: int


class DrawCancelled(Event):
    """There will be no lots; who registered is told."""

    name = "admission.draw_cancelled"

    draw_id: int
    why: str


class SeatsLow(Event):
    """A session has fewer free seats than its keeper wanted to know of; told once until there are enough again."""

    name = "admission.seats_low"

    session_id: int
    left: int


class QuotaLow(Event):
    """A quota has fewer left than its keeper wanted to know of; told once until there is enough again."""

    name = "admission.quota_low"

    quota_id: int
    left: int
