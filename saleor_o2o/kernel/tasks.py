"""What Celery beat runs for the kernel. Each may run twice, or in two workers at once."""

from __future__ import annotations

import logging

from celery import current_task, shared_task
from kombu.exceptions import OperationalError

from . import events, idempotency

logger = logging.getLogger(__name__)


def hand_over(event_id: int) -> None:
    """Let a worker deliver an event: whoever caused it is waiting for an answer.

    A worker delivers its own events itself, and so does anybody who cannot reach the broker (one try only).
    Locks as `events.deliver_event`, then.
    """
    if current_task:
        events.deliver_event(event_id)
        return
    try:
        deliver_event.apply_async((event_id,), retry=False)
    except OperationalError:
        logger.warning("event %s is delivered in this process: the broker is unreachable", event_id)
        events.deliver_event(event_id)


@shared_task(name="o2o_kernel.deliver_event", ignore_result=True)
def deliver_event(event_id: int) -> int:
    """Run the receivers of one committed event; returns how many succeeded. Twice: the second finds nothing."""
    return events.deliver_event(event_id)


@shared_task(name="o2o_kernel.deliver_pending_events", ignore_result=True)
def deliver_pending_events() -> int:
    """Deliver events that a crash or an earlier failure left behind; returns how many arrived."""
    return events.deliver_pending()


@shared_task(name="o2o_kernel.purge_idempotency", ignore_result=True)
def purge_idempotency() -> int:
    """Delete idempotency records whose time is over; returns how many."""
    return idempotency.purge_expired()
