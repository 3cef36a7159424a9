"""What Celery runs for after-sale; running it twice changes nothing."""

from __future__ import annotations

from celery import shared_task

from .services.silence import sweep


@shared_task(name="plugins.after_sale.tasks.watch_clocks", ignore_result=True)
def watch_clocks() -> int:
    """Do what silence does wherever a clock ran out."""
    return sweep()
