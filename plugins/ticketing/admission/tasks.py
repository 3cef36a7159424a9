"""What happens by the clock; running it twice changes nothing."""

from __future__ import annotations

from celery import shared_task

from .inventory import return_due, sweep_expired
from .services import alarms, waiting
from .vouchers.tasks import expire_vouchers

#: The worker looks for tasks here.
__all__ = ["end_sessions", "expire_vouchers", "serve_waiting", "sweep", "watch_quotas"]


@shared_task
def sweep() -> int:
    """Let go of holds that died, and sell again what was given back."""
    return sweep_expired() + return_due()


@shared_task
def serve_waiting() -> int:
    """End offers that nobody took, offer what is there to the next ones."""
    return waiting.end_offers() + waiting.offer_all()


@shared_task
def watch_quotas() -> int:
    """Tell of quotas that run low."""
    return alarms.watch_quotas()


@shared_task
def end_sessions() -> int:
    """Sessions that are over end."""
    return alarms.end_sessions()
