"""Jobs of postal points; each may run twice."""

from __future__ import annotations

from celery import shared_task

from .services import counting


@shared_task(name="plugins.postal_points.tasks.sweep_waiting", ignore_result=True)
def sweep_waiting() -> None:
    """Count what waited for somebody who is a member by now; end what waited too long."""
    counting.sweep()
