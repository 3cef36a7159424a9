"""What Celery runs for the counter; running anything twice changes nothing."""

from __future__ import annotations

from celery import shared_task

from .checking import check_floats as check
from .selectors.goods import refresh_names as refresh
from .services.cancelling import cancel_abandoned as cancel


@shared_task(name="plugins.counter_sales.tasks.cancel_abandoned", ignore_result=True)
def cancel_abandoned() -> int:
    """Cancel orders at counters that nobody paid in time."""
    return cancel()


@shared_task(name="plugins.counter_sales.tasks.refresh_names", ignore_result=True)
def refresh_names() -> int:
    """Spell new and renamed goods."""
    return refresh()


@shared_task(name="plugins.counter_sales.tasks.check_floats", ignore_result=True)
def check_floats() -> int:
    """Compare every float's balance with its movements."""
    return check()
