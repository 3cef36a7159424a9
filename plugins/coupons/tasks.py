"""What Celery runs for coupons. Every task may run twice and change nothing."""

from __future__ import annotations

from celery import shared_task

from .services import managing


@shared_task(name="plugins.coupons.tasks.expire_due", ignore_result=True)
def expire_due() -> int:
    """Mark coupons whose time is over; returns how many."""
    return managing.expire_due()


@shared_task(name="plugins.coupons.tasks.congratulate", ignore_result=True)
def congratulate() -> int:
    """Give birthday coupons; returns how many."""
    return managing.congratulate()
