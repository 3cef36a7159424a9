"""What Celery runs for member operations. Every task may run twice and change nothing."""

from __future__ import annotations

from celery import shared_task

from .services import exports, figures, sending


@shared_task(name="plugins.member_operations.tasks.drive_campaigns", ignore_result=True)
def drive_campaigns() -> int:
    """Start a round for each campaign whose time has come; returns how many."""
    found = sending.due()
    for pk in found:
        send_batch.delay(pk)
    return len(found)


@shared_task(name="plugins.member_operations.tasks.send_batch", ignore_result=True)
def send_batch(pk: int) -> None:
    """Hand a batch over, then have the next one done; the last round closes the campaign."""
    if sending.drive(pk):
        send_batch.delay(pk)


@shared_task(name="plugins.member_operations.tasks.settle", ignore_result=True)
def settle() -> int:
    """Take over what became of handed messages; returns how many."""
    return sending.settle_due()


@shared_task(name="plugins.member_operations.tasks.expire_exports", ignore_result=True)
def expire_exports() -> int:
    """Close lists that nobody took in time; returns how many."""
    return exports.expire_due()


@shared_task(name="plugins.member_operations.tasks.count_figures", ignore_result=True)
def count_figures() -> int:
    """Count whom nobody counted today; returns how many."""
    return figures.count_stale()
