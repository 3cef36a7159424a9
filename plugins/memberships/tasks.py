"""Jobs of memberships; each may run twice."""

from __future__ import annotations

from celery import shared_task

from .services import ending, granting, refunding, settling


@shared_task(name="plugins.memberships.tasks.expire_due", ignore_result=True)
def expire_due() -> None:
    """End what is over."""
    ending.expire_due()


@shared_task(name="plugins.memberships.tasks.notice", ignore_result=True)
def notice() -> None:
    """Tell of what ends within fifteen days."""
    ending.notice()


@shared_task(name="plugins.memberships.tasks.hand_over_refunds", ignore_result=True)
def hand_over_refunds() -> None:
    """Hand refunds to the cashier that a crash kept from it."""
    refunding.hand_over_again()


@shared_task(name="plugins.memberships.tasks.give_coupons", ignore_result=True)
def give_coupons() -> None:
    """Give the coupons of this period."""
    granting.give_due()


@shared_task(name="plugins.memberships.tasks.make_sheets", ignore_result=True)
def make_sheets() -> None:
    """Make the settlement sheets of the month before, where there is something to settle."""
    settling.make_monthly()
