"""News of sessions: who bought gets the money back, or a choice."""

from __future__ import annotations

from saleor_o2o.kernel.events import receives

from ..events import SessionCancelled, SessionPostponed
from .services.changing import session_cancelled, session_postponed


@receives(SessionCancelled, order=50, plugin="ticketing")
def cancelled(event: SessionCancelled) -> None:
    """It does not take place."""
    session_cancelled(event.session_id, event.reason)


@receives(SessionPostponed, order=50, plugin="ticketing")
def postponed(event: SessionPostponed) -> None:
    """It begins at another time."""
    session_postponed(event.session_id, event.before, event.after, event.reason)
