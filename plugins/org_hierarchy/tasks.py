"""Background work of the organisation."""

from __future__ import annotations

from celery import shared_task

from .services.grants import end_expired
from .services.moving import apply_due_moves as apply_moves
from .services.saleor_groups import sync_all


@shared_task(name="o2o_org_hierarchy.apply_due_moves")
def apply_due_moves() -> dict[str, int]:
    """Carry out the re-parentings whose day has come."""
    return apply_moves()


@shared_task(name="o2o_org_hierarchy.tidy_grants")
def tidy_grants() -> dict[str, int]:
    """End grants whose last day is over, and repair stock's groups: what begins today, what somebody changed there."""
    ended = end_expired()
    return {"ended": ended, **sync_all()}
