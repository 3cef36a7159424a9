"""What Celery runs for dispatch; running it twice changes nothing."""

from __future__ import annotations

import logging

from celery import shared_task

from saleor_o2o.kernel.errors import DomainError

logger = logging.getLogger(__name__)


@shared_task(name="plugins.dispatch.tasks.locate", ignore_result=True)
def locate(pk: int) -> None:
    """Ask the map where a task's address is."""
    from .services import locating

    locating.locate(pk)


@shared_task(name="plugins.dispatch.tasks.watch", ignore_result=True)
def watch() -> int:
    """Each minute: clocks that ran out, addresses to be asked for again, parts that went on without their task."""
    from .services import escalating, following, locating

    done = escalating.sweep()
    for key in locating.due_to_locate():
        if locating.give_up_locating(key) is None:
            locate.delay(key)
        done += 1
    for key in following.moved_on():
        try:
            following.follow(key)
        except DomainError as refusal:  # locked by somebody: the next minute
            logger.warning("dispatch could not follow part %s: %s", key, refusal.code)
        done += 1
    return done
