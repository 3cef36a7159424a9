"""What Celery runs for ordering."""

from __future__ import annotations

from celery import shared_task

from .services.recovery import left_behind, recover


@shared_task(name="saleor_o2o.ordering.tasks.recover_placements", ignore_result=True)
def recover_placements() -> dict[str, int]:
    """Finish or undo orders that a dying process left between being written and being paid."""
    outcomes: dict[str, int] = {}
    for order in left_behind():
        outcome = recover(order)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return outcomes
