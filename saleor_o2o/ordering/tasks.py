"""What Celery runs for ordering."""

from __future__ import annotations

import logging

from celery import shared_task

from .services.receiving import complete_all_due, receive_all_due
from .services.recovery import left_behind, recover
from .services.repeating import note_twins

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


@shared_task(name="saleor_o2o.ordering.tasks.receive_due", ignore_result=True)
def receive_due() -> int:
    """Receive what buyers have had for so long that nobody asks any more."""
    return receive_all_due()


@shared_task(name="saleor_o2o.ordering.tasks.complete_due", ignore_result=True)
def complete_due() -> int:
    """Close the after-sale window of what was received, and complete it."""
    return complete_all_due()


@shared_task(name="saleor_o2o.ordering.tasks.find_twins", ignore_result=True)
def find_twins() -> int:
    """Show the staff which orders look like the same one placed twice."""
    return note_twins()
