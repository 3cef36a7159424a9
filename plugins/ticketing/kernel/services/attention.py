"""Put a ticket order in front of the people of the issue desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from saleor_o2o.kernel.clock import now

from ..choices import DeskKind, DeskState
from ..models import DeskTask, TicketOrder

#: How soon people have to look.
SOON = timedelta(minutes=30)


def call_people(order: TicketOrder, kind: DeskKind, why: Any, *, within: timedelta = SOON) -> None:
    """Open a task of a kind, unless one is open: then its reason is the newest one. In the caller's transaction.

    Locks: the open task, the last of all.
    """
    words = str(why)[:200]
    if DeskTask.objects.filter(ticket_order=order, kind=kind).exclude(state=DeskState.DONE).update(why=words):
        return
    DeskTask.objects.bulk_create(
        [DeskTask(ticket_order=order, kind=kind, why=words, due_at=now() + within)], ignore_conflicts=True
    )


def settled(order: TicketOrder, kind: DeskKind, result: Any) -> None:
    """What people had to look at is done. In the caller's transaction."""
    DeskTask.objects.filter(ticket_order=order, kind=kind).exclude(state=DeskState.DONE).update(
        state=DeskState.DONE, done_at=now(), result=str(result)[:200]
    )
