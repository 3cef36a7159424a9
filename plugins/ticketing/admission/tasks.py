"""What happens by the clock; running it twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from celery import shared_task

from .inventory import return_due, sweep_expired
from .services import alarms, drawing, offering
from .vouchers.services.expiring import RUN, earn_due, expire_due
from .vouchers.services.settling import make_sheets

#: So often a run of what has ended goes on, before it leaves the worker to others.
MOST_RUNS = 50


@shared_task(name="plugins.ticketing.admission.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Let go of holds that died, and sell again what was given back."""
    sweep_expired()
    return_due()


@shared_task(name="plugins.ticketing.admission.tasks.serve_waiting", ignore_result=True)
def serve_waiting() -> None:
    """Draw lots that nobody has drawn, end offers that nobody took, offer what is there to the next ones."""
    drawing.draw_due()
    offering.end_offers()
    offering.offer_all()


@shared_task(name="plugins.ticketing.admission.tasks.watch_quotas", ignore_result=True)
def watch_quotas() -> None:
    """Tell of quotas and halls that run low."""
    alarms.watch_quotas()
    alarms.watch_seats()


@shared_task(name="plugins.ticketing.admission.tasks.end_sessions", ignore_result=True)
def end_sessions() -> None:
    """Sessions that are over end."""
    alarms.end_sessions()


@shared_task(name="plugins.ticketing.admission.tasks.expire_vouchers", ignore_result=True)
def expire_vouchers() -> int:
    """Expire tickets whose time was over two days ago; earn those that could be given back until now."""
    return _all(expire_due) + _all(earn_due)


def _all(do: Callable[[], int]) -> int:
    """Again while there are as many as one time takes."""
    done = 0
    for _time in range(MOST_RUNS):
        some = do()
        done += some
        if some < RUN:
            break
    return done


@shared_task(name="plugins.ticketing.admission.tasks.settle_visits", ignore_result=True)
def settle_visits() -> int:
    """Make the settlement sheets whose T+N has come."""
    return make_sheets()
