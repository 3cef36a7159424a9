"""Idempotency keys: work that a client named with a key is done at most once and its answer replayed."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum
from functools import cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from .clock import now
from .errors import DomainError, KernelErrorCode
from .models import IdempotencyRecord

Json = Any

DEFAULT_LEASE = timedelta(seconds=60)
DEFAULT_KEEP = timedelta(hours=24)
DEFAULT_WAIT = 2.0

Status = IdempotencyRecord.Status


class IdempotencyConflict(DomainError):
    """The key was used before with another request."""

    def __init__(self) -> None:
        super().__init__(
            KernelErrorCode.IDEMPOTENCY_CONFLICT, _("该请求号已用于另一笔不同的请求，请更换请求号后重试")
        )


class IdempotencyInProgress(DomainError):
    """The same request is being worked on elsewhere."""

    def __init__(self) -> None:
        super().__init__(KernelErrorCode.IDEMPOTENCY_IN_PROGRESS, _("相同的请求正在处理中，请稍后查看结果"))


class ReplayedError(DomainError):
    """The stored business error of an earlier call; `code` has the value of the first one."""


class LeaseLost(RuntimeError):
    """The work took longer than its lease and somebody else took it over: this attempt must not count."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The work was done before; `response` is what it answered."""

    response: Json


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the work until the lease ends. Finish it in the transaction that does the work."""

    record_id: int
    claim: uuid.UUID
    keep: timedelta

    def finish(self, response: Json) -> Json:
        """Store the answer and return it as a replay would. Locks: the record.

        Raises LeaseLost when somebody took over (roll back), TypeError for what JSON cannot hold.
        """
        plain = json.loads(json.dumps(response, allow_nan=False))
        self._close(Status.FINISHED, plain)
        return plain

    def fail(self, error: DomainError) -> None:
        """Store a business error as the answer. Locks: the record. Raises LeaseLost."""
        self._close(Status.FAILED, error.as_dict())

    def release(self) -> None:
        """Give the key back: the next caller starts afresh. Does nothing once the lease is lost."""
        IdempotencyRecord.objects.filter(pk=self.record_id, claim=self.claim, status=Status.RUNNING).delete()

    def _close(self, status: Status, response: Json) -> None:
        updated = IdempotencyRecord.objects.filter(
            pk=self.record_id, claim=self.claim, status=Status.RUNNING
        ).update(status=status, response=response, expires_at=now() + self.keep)
        if not updated:
            raise LeaseLost


def fingerprint_of(*parts: Any) -> str:
    """Return a fingerprint of a request (JSON values, Decimal, dates; the order of keys does not matter)."""
    canonical = json.dumps(parts, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def begin(
    scope: str,
    key: str,
    fingerprint: str,
    *,
    lease: timedelta = DEFAULT_LEASE,
    keep: timedelta = DEFAULT_KEEP,
    wait: float = DEFAULT_WAIT,
) -> Claim | Replay:
    """Claim a key, or return the stored answer.

    The claim is committed at once, so this must run outside a transaction (RuntimeError otherwise). A claim
    whose process died is taken over when `lease` has passed; an answer is forgotten after `keep`. Waits at
    most `wait` seconds for somebody else's work. Raises IdempotencyConflict, IdempotencyInProgress and, for
    a stored business error, ReplayedError. Locks: the record, shortly.
    """
    deadline = time.monotonic() + wait
    pause = 0.02
    while True:
        outcome = _claim_or_look(scope, key, fingerprint, lease, keep)
        if outcome is not None:
            return outcome
        left = deadline - time.monotonic()
        if left <= 0:
            raise IdempotencyInProgress
        time.sleep(min(pause, left))
        pause = min(pause * 2, 0.25)


def run_once(
    scope: str,
    key: str,
    fingerprint: str,
    fn: Callable[[], Json],
    *,
    atomic: bool = True,
    store_errors: bool | Collection[Enum] = False,
    lease: timedelta = DEFAULT_LEASE,
    keep: timedelta = DEFAULT_KEEP,
    wait: float = DEFAULT_WAIT,
) -> Json:
    """Return `fn()`'s answer (plain JSON), running it at most once per scope and key.

    `atomic`: `fn` runs in the transaction that stores its answer, so its database work happens exactly once
    even if the process dies midway. Pass False when `fn` makes remote calls: it may then run again after a
    crash and must carry its own numbers (or use `begin` and `Claim.finish` in its last transaction).
    A business error frees the key, unless `store_errors` is True or holds its code; any other error frees
    it. Raises what `begin` and `fn` raise, and LeaseLost when `fn` outlived its lease (nothing was kept).
    """
    outcome = begin(scope, key, fingerprint, lease=lease, keep=keep, wait=wait)
    if isinstance(outcome, Replay):
        return outcome.response
    try:
        if not atomic:
            return outcome.finish(fn())
        with transaction.atomic():
            return outcome.finish(fn())
    except DomainError as error:
        if store_errors is True or (store_errors is not False and error.code in store_errors):
            outcome.fail(error)
        else:
            outcome.release()
        raise
    except Exception:
        outcome.release()
        raise


def purge_expired(limit: int = 5000) -> int:
    """Delete forgotten records, at most `limit`; returns how many. Locks them, skipping locked ones."""
    with transaction.atomic():
        old = IdempotencyRecord.objects.filter(expires_at__lte=now(), lease_until__lte=now())
        rows = old.order_by("pk").select_for_update(skip_locked=True, of=("self",))
        keys = list(rows.values_list("pk", flat=True)[:limit])
        return IdempotencyRecord.objects.filter(pk__in=keys).delete()[0]


def _claim_or_look(
    scope: str, key: str, fingerprint: str, lease: timedelta, keep: timedelta
) -> Claim | Replay | None:
    token = uuid.uuid4()
    with transaction.atomic(durable=True):
        moment = now()
        fresh = {
            "fingerprint": fingerprint,
            "status": Status.RUNNING,
            "response": None,
            "claim": token,
            "lease_until": moment + lease,
            "created_at": moment,
            "expires_at": moment + keep,
        }
        # INSERT … ON CONFLICT DO NOTHING waits for a rival's insert and raises nothing.
        IdempotencyRecord.objects.bulk_create(
            [IdempotencyRecord(scope=scope, key=key, **fresh)], ignore_conflicts=True
        )
        record = (
            IdempotencyRecord.objects.select_for_update(of=("self",)).filter(scope=scope, key=key).first()
        )
        if record is None:  # released or purged between the two statements
            return None
        mine = Claim(record.pk, token, keep)
        if record.claim == token:
            return mine
        if record.expires_at <= moment and record.lease_until <= moment:
            IdempotencyRecord.objects.filter(pk=record.pk).update(**fresh, attempts=1)
            return mine
        if record.fingerprint != fingerprint:
            raise IdempotencyConflict
        if record.status == Status.FINISHED:
            return Replay(record.response)
        if record.status == Status.FAILED:
            raise _replayed(record.response)
        if record.lease_until <= moment:
            IdempotencyRecord.objects.filter(pk=record.pk).update(
                claim=token, lease_until=moment + lease, attempts=record.attempts + 1
            )
            return mine
        return None


def _replayed(stored: Json) -> ReplayedError:
    return ReplayedError(_stored_code(stored["code"]), stored["message"], stored["field"], stored["hint"])


@cache
def _stored_code(value: str) -> Enum:
    # The first error's Enum belongs to a plugin; all that is needed of it here is the value.
    stored: type[Enum] = StrEnum("StoredCode", {value: value})  # type: ignore[misc]
    return stored(value)
