"""Delivery: each (event, receiver) pair is claimed, run in its own transaction, and finished once.

Attempts are counted when a delivery is claimed, in a transaction of its own, so that a receiver which kills
its process is given up too. The work and the mark "done" commit together; a second deliverer finds the row
locked, done, or claimed anew, and leaves it.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ..clock import now
from ..errors import DomainError, KernelErrorCode, error_code
from ..locks import lock_rows
from ..models import EventDelivery
from ..request import bind_request
from .base import UnreadableEvent, event_class
from .registry import is_on, receiver_named

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=2)

Status = EventDelivery.Status


class NotReplayable(DomainError):
    """Only a delivery that was given up or skipped can be replayed."""

    def __init__(self) -> None:
        super().__init__(KernelErrorCode.NOT_REPLAYABLE, _("只有已放弃或已跳过的投递可以重放"))


class ReceiverMissing(RuntimeError):
    """No receiver of this name in this release."""


def deliver_event(event_id: int) -> int:
    """Run the receivers of one event that were not tried yet, in order; returns how many succeeded.

    Locks: one delivery at a time, while its receiver runs. A failing receiver is logged, not raised.
    """
    return _deliver(EventDelivery.objects.filter(event_id=event_id, attempts=0))


def deliver_pending(limit: int = 200) -> int:
    """Run deliveries that are due (a crash after the commit, an earlier failure); returns how many succeeded.

    Any number of workers may run it at the same time. Locks as `deliver_event`.
    """
    return _deliver(EventDelivery.objects.all(), due=True, limit=limit)


def replay(delivery: EventDelivery) -> None:
    """Give a dead or skipped delivery a fresh set of attempts, starting after the commit.

    Locks: the delivery. Raises NotReplayable.
    """
    with transaction.atomic():
        updated = EventDelivery.objects.filter(
            pk=delivery.pk, status__in=(Status.DEAD, Status.SKIPPED)
        ).update(status=Status.PENDING, attempts=0, last_error="", finished_at=None, next_attempt_at=now())
        if not updated:
            raise NotReplayable
        transaction.on_commit(lambda: deliver_event(delivery.event_id), robust=True)


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after a number of attempts: 30 s, 2 min, 8 min, 32 min, then 2 h."""
    return min(_FIRST_PAUSE * 4 ** (attempts - 1), _LONGEST_PAUSE)


def _deliver(candidates: QuerySet[EventDelivery], due: bool = False, limit: int | None = None) -> int:
    taken = succeeded = 0
    while limit is None or taken < limit:
        delivery = _claim(candidates.filter(next_attempt_at__lte=now()) if due else candidates)
        if delivery is None:
            break
        taken += 1
        succeeded += _attempt(delivery)
    return succeeded


def _claim(candidates: QuerySet[EventDelivery]) -> EventDelivery | None:
    with transaction.atomic():
        delivery = (
            candidates.filter(status=Status.PENDING)
            .select_related("event")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("event_id", "position", "receiver")
            .first()
        )
        if delivery is None:
            return None
        delivery.attempts += 1
        delivery.next_attempt_at = now() + pause_after(delivery.attempts)
        if delivery.attempts > MAX_ATTEMPTS:  # the last attempt never came back
            delivery.attempts = MAX_ATTEMPTS
            delivery.status = Status.DEAD
            delivery.last_error = delivery.last_error or "LOST"
        delivery.save(update_fields=("attempts", "next_attempt_at", "status", "last_error"))
    return delivery


def _attempt(delivery: EventDelivery) -> bool:
    if delivery.status == Status.DEAD:
        return False
    event = delivery.event
    with bind_request(request_id=event.request_id, actor=f"event:{event.name}"):
        try:
            with transaction.atomic():
                return _run(delivery)
        except Exception as error:  # whatever a receiver raises must not stop the others
            code = error_code(error)[:100]
            logger.warning(
                "event %s: receiver %s failed with %s (attempt %s)",
                delivery.event_id,
                delivery.receiver,
                code,
                delivery.attempts,
                exc_info=error,
            )
            _mark_failed(delivery, code)
            return False


def _run(delivery: EventDelivery) -> bool:
    # The number of attempts fences out a deliverer that was overtaken between claiming and starting. Not
    # SKIP LOCKED here: a rival looking for work holds the row for a moment even if it does not take it.
    rows = lock_rows(
        EventDelivery.objects.filter(pk=delivery.pk, status=Status.PENDING, attempts=delivery.attempts)
    )
    if not rows:
        return False
    mine = rows[0]
    event = delivery.event
    receiver = receiver_named(event.name, delivery.receiver)
    if receiver is not None and not is_on(receiver):
        mine.status = Status.SKIPPED
    else:
        cls = event_class(event.name)
        if receiver is None or cls is None:
            raise ReceiverMissing(delivery.receiver)
        receiver.function(cls.from_payload(event.payload, event.version))
        mine.status = Status.DONE
    mine.last_error = ""
    mine.finished_at = now()
    mine.save(update_fields=("status", "last_error", "finished_at"))
    return mine.status == Status.DONE


def _mark_failed(delivery: EventDelivery, code: str) -> None:
    status = Status.DEAD if delivery.attempts >= MAX_ATTEMPTS else Status.PENDING
    EventDelivery.objects.filter(pk=delivery.pk, status=Status.PENDING, attempts=delivery.attempts).update(
        status=status, last_error=code
    )


__all__ = [
    "MAX_ATTEMPTS",
    "NotReplayable",
    "ReceiverMissing",
    "UnreadableEvent",
    "deliver_event",
    "deliver_pending",
    "pause_after",
    "replay",
]
