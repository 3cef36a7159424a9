"""Work of the ticketing kernel in the background."""

from __future__ import annotations

from celery import shared_task

from .services.quotes import forget_expired


@shared_task(name="plugins.ticketing.kernel.tasks.forget_quotes")
def forget_quotes() -> int:
    """Delete quotes that nobody used, a week after they expired."""
    return forget_expired()
