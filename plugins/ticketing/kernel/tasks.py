"""Work of the ticketing kernel in the background. Each may run twice, or in two workers at once."""

from __future__ import annotations

from celery import shared_task

from .services.quotes import forget_expired

_HERE = "plugins.ticketing.kernel.tasks"


@shared_task(name=f"{_HERE}.forget_quotes")
def forget_quotes() -> int:
    """Delete quotes that nobody used, a week after they expired."""
    return forget_expired()


@shared_task(name=f"{_HERE}.send_release", ignore_result=True)
def send_release(call_pk: int) -> bool:
    """Tell a supplier that it need not hold something any more."""
    from .services.releasing import tell_release

    return tell_release(call_pk)


@shared_task(name=f"{_HERE}.expire_holds")
def expire_holds() -> int:
    """Close unpaid ticket orders whose time is over."""
    from .services.expiring import expire_due

    return expire_due()


@shared_task(name=f"{_HERE}.sweep_calls")
def sweep_calls() -> int:
    """Ask suppliers about calls without an answer."""
    from .services.calls import sweep

    return sweep()
