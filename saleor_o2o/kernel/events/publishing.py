"""Publishing: the event and its deliveries are stored with the change, dispatched after the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import TypeVar

from django.db import transaction

from ..clock import now
from ..locks import require_transaction
from ..models import EventDelivery, EventRecord
from ..request import current
from .base import Event
from .delivery import deliver_event
from .registry import receivers_of

E = TypeVar("E", bound=Event)

# How long the publisher's own dispatch has before the repair job may take over.
DISPATCH_GRACE = timedelta(seconds=30)

_dispatch: Callable[[int], object] = deliver_event


class CapturedEvents(list[Event]):
    """What was published in a `capture_events` block, in order."""

    def of(self, event: type[E]) -> list[E]:
        """Return the captured events of one class."""
        return [item for item in self if isinstance(item, event)]


_captured: ContextVar[CapturedEvents | None] = ContextVar("o2o_captured_events", default=None)


def publish(event: Event, *, key: str = "") -> EventRecord:
    """Store an event and its deliveries; receivers run once the transaction has committed.

    `key` names the thing it is about (`order:12`), for finding it again. Raises
    TransactionManagementError outside `transaction.atomic()`, TypeError for a payload that its fields forbid.
    """
    require_transaction()
    moment = now()
    record = EventRecord.objects.create(
        name=event.name,
        version=event.version,
        payload=event.payload(),
        key=key,
        occurred_at=moment,
        request_id=current().request_id,
    )
    deliveries = EventDelivery.objects.bulk_create(
        EventDelivery(
            event=record,
            receiver=receiver.name,
            plugin=receiver.plugin,
            position=receiver.order,
            next_attempt_at=moment + DISPATCH_GRACE,
        )
        for receiver in receivers_of(event.name)
    )
    captured = _captured.get()
    if captured is not None:
        captured.append(event)
    # Robust: the change is committed, so trouble in dispatching must not look like a failed change.
    # A function, not a partial: Django's log line for a robust callback wants its name.
    if deliveries:
        transaction.on_commit(lambda: _dispatch_now(record.pk), robust=True)
    return record


def use_dispatcher(dispatch: Callable[[int], object]) -> None:
    """Replace what happens after a commit: `dispatch(event_id)`. Default: deliver in this process.

    A composition root with workers hands over a task's `delay`; should the broker be down, the repair job
    delivers.
    """
    global _dispatch
    _dispatch = dispatch


@contextmanager
def capture_events() -> Iterator[CapturedEvents]:
    """Collect what this context publishes (tests): `with capture_events() as events: …`.

    `events.of(OrderPaid)` picks a class. Nothing else changes: rows are written, receivers run after
    the commit.
    """
    captured = CapturedEvents()
    token = _captured.set(captured)
    try:
        yield captured
    finally:
        _captured.reset(token)


def _dispatch_now(event_id: int) -> None:
    _dispatch(event_id)
