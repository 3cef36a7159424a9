"""Background work of the organisation."""

from __future__ import annotations

from celery import shared_task

from .services.moving import apply_due_moves as apply_moves


@shared_task(name="o2o_org_hierarchy.apply_due_moves")
def apply_due_moves() -> dict[str, int]:
    """Carry out the re-parentings whose day has come."""
    return apply_moves()
