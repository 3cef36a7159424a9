"""News that resellers are told: sessions that are off or put off."""

from __future__ import annotations

from plugins.ticketing.admission.events import SessionCancelled, SessionPostponed
from saleor_o2o.kernel.events import receives

from .choices import NoticeKind
from .services.changes import tell_session


@receives(SessionCancelled, order=70, plugin="ticketing")
def tell_of_cancelled(event: SessionCancelled) -> None:
    """It does not take place; refunds are told order by order."""
    tell_session(event.session_id, NoticeKind.CANCELLED, event.reason)


@receives(SessionPostponed, order=70, plugin="ticketing")
def tell_of_postponed(event: SessionPostponed) -> None:
    """It begins at another time."""
    tell_session(event.session_id, NoticeKind.SESSION, event.reason)
