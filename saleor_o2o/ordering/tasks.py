"""What Celery runs for ordering."""

from __future__ import annotations

import logging

from celery import shared_task

from .services.recovery import left_behind, recover

logger = logging.getLogger(__name__)


@shared_task(name="saleor_o2o.ordering.tasks.recover_placements", ignore_result=True)
def recover_placements() -> dict[str, int]:
    """Finish or undo orders that a dying process left between being written and being paid."""
    outcomes: dict[str, int] = {}
    for order in left_behind():
        try:
            outcome = recover(order)
        except Exception:  # one order's trouble must not keep the others waiting
            logger.exception("order %s could not be recovered", order.pk)
            outcome = "failed"
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return outcomes
