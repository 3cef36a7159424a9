"""What Celery beat runs for the kernel. Each may run twice, or in two workers at once."""

from __future__ import annotations

from celery import shared_task

from . import events, idempotency


@shared_task(name="o2o_kernel.deliver_pending_events", ignore_result=True)
def deliver_pending_events() -> int:
    """Deliver events that a crash or an earlier failure left behind; returns how many arrived."""
    return events.deliver_pending()


@shared_task(name="o2o_kernel.purge_idempotency", ignore_result=True)
def purge_idempotency() -> int:
    """Delete idempotency records whose time is over; returns how many."""
    return idempotency.purge_expired()
