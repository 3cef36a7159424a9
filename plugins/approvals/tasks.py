"""What Celery beat runs for approvals; running twice changes nothing."""

from __future__ import annotations

from celery import shared_task

from .services import escalating


@shared_task(name="plugins.approvals.tasks.escalate_overdue", ignore_result=True)
def escalate_overdue() -> int:
    """Ask the level above about what is overdue; returns how many were escalated."""
    return escalating.escalate_due()
