"""What Celery runs for the map. Every task may run twice and change nothing."""

from __future__ import annotations

from celery import shared_task

from . import sync


@shared_task(name="plugins.service_map.tasks.follow_units", ignore_result=True)
def follow_units() -> int:
    """Repair: bring every place and area in step with its unit."""
    return sync.sync_all()
