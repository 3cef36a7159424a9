"""What Celery beat runs for login security; running twice changes nothing."""

from __future__ import annotations

from celery import shared_task

from .services import accounts, history, throttle


@shared_task(name="plugins.login_security.tasks.disable_idle", ignore_result=True)
def disable_idle() -> int:
    """Disable people who were not seen for long; returns how many."""
    return accounts.disable_idle()


@shared_task(name="plugins.login_security.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Delete counted attempts and history that no longer matter; returns how many rows."""
    return throttle.sweep() + history.sweep()
