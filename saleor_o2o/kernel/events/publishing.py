"""Publishing: the event and its deliveries are stored with the change, dispatched after the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    return publish_all([event], key=key)[0]


def publish_all(events: Sequence[Event], *, key: str = "") -> list[EventRecord]:
    """`publish` for several events about one thing, in their order: one statement for all, one for the deliveries."""
    require_transaction()
    if not events:
        return []
    moment = now()
    request_id = current().request_id
    records = EventRecord.objects.bulk_create(
        EventRecord(
            name=event.name,
            version=event.version,
            payload=event.payload(),
            key=key,
            occurred_at=moment,
            request_id=request_id,
        )
        for event in events
    )
    deliveries = [
        EventDelivery(
            event=record,
            receiver=receiver.name,
            plugin=receiver.plugin,
            position=receiver.order,
            next_attempt_at=moment + DISPATCH_GRACE,
        )
        for record in records
        for receiver in receivers_of(record.name)
    ]
    EventDelivery.objects.bulk_create(deliveries)
    captured = _captured.get()
    if captured is not None:
        captured.extend(events)
    # Robust: the change is committed, so trouble in dispatching must not look like a failed change.
    # A function, not a partial: Django's log line for a robust callback wants its name.
    heard = {delivery.event_id for delivery in deliveries}
    for record in records:
        if record.pk in heard:
            transaction.on_commit(_dispatcher_of(record.pk), robust=True)
    return records


def _dispatcher_of(event_id: int) -> Callable[[], None]:
    def dispatch() -> None:
        _dispatch_now(event_id)

    return dispatch


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
