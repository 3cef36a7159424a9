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
