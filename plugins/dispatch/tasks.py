"""What Celery runs for dispatch; running it twice changes nothing."""

from __future__ import annotations

from celery import shared_task

from saleor_o2o.kernel.sweeping import drive_each


@shared_task(name="plugins.dispatch.tasks.locate", ignore_result=True)
def locate(pk: int) -> None:
    """Ask the map where a task's address is."""
    from .services import locating

    locating.locate(pk)


@shared_task(name="plugins.dispatch.tasks.watch", ignore_result=True)
def watch() -> int:
    """Each minute: clocks that ran out, addresses to be asked for again, parts that went on without their task."""
    from .services import escalating, following, locating

    def look(key: int) -> None:
        if locating.give_up_locating(key) is None:
            locate.delay(key)

    done = escalating.sweep() + drive_each(locating.due_to_locate(), look)
    return done + drive_each(following.moved_on(), following.follow)
