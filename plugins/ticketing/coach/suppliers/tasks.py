"""Work on call-backs in the background."""

from __future__ import annotations

from celery import shared_task

from . import working


@shared_task(name="plugins.ticketing.coach.suppliers.tasks.work_notice")
def work_notice(pk: int) -> str:
    """Work on one call-back of a network."""
    return working.work(pk)


@shared_task(name="plugins.ticketing.coach.suppliers.tasks.work_notices")
def work_notices() -> int:
    """Work on the call-backs whose next try has come; how many are done."""
    return sum(working.work(pk) == "done" for pk in working.due())
