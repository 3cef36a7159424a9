"""Jobs of loyalty; each may run twice."""

from __future__ import annotations

from celery import shared_task

from .services import burning, consenting, expiring, levels, recharging


@shared_task(name="plugins.loyalty.tasks.expire_points", ignore_result=True)
def expire_points() -> None:
    """Take expired points out of their purses."""
    expiring.expire()


@shared_task(name="plugins.loyalty.tasks.notice_expiring", ignore_result=True)
def notice_expiring() -> None:
    """Tell of points that expire soon."""
    expiring.notice()


@shared_task(name="plugins.loyalty.tasks.review_levels", ignore_result=True)
def review_levels() -> None:
    """Keep or lower levels whose time is over."""
    levels.review()


@shared_task(name="plugins.loyalty.tasks.give_up_burns", ignore_result=True)
def give_up_burns() -> None:
    """Void burns, and consents at counters, that nobody confirmed or used."""
    burning.give_up_waiting()
    consenting.give_up_waiting()


@shared_task(name="plugins.loyalty.tasks.hand_over_refunds", ignore_result=True)
def hand_over_refunds() -> None:
    """Hand refunds of recharges to the cashier that a crash kept from it."""
    recharging.hand_over_again()
