"""Work of coach tickets in the background; twice is as good as once."""

from __future__ import annotations

from celery import shared_task

from .services.expiring import expire_left
from .services.keeping import forget_old, refresh_days
from .services.seats import settle_blocks
from .services.syncing import sync_networks


@shared_task(name="plugins.ticketing.coach.tasks.sync")
def sync() -> int:
    """Take over stations and lines of the networks, every night."""
    return sync_networks()


@shared_task(name="plugins.ticketing.coach.tasks.refresh")
def refresh() -> int:
    """Ask for the buses of days that somebody holds tickets of, so that cancelled ones are noticed."""
    return refresh_days()


@shared_task(name="plugins.ticketing.coach.tasks.settle_seats")
def settle_seats() -> int:
    """Tell networks again of seats that were kept or let go while they were silent."""
    return settle_blocks()


@shared_task(name="plugins.ticketing.coach.tasks.forget")
def forget() -> int:
    """Delete offers of days that are over."""
    return forget_old()


@shared_task(name="plugins.ticketing.coach.tasks.expire")
def expire() -> int:
    """End the tickets of buses that left days ago."""
    return expire_left()
