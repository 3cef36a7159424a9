"""The inbox of notifications: stored raw, checked, answered at once; believed and acted upon in a task."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError, error_code
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move
from saleor_o2o.kernel.sweeping import drive_each

from ..models import Notification, NotificationState
from ..ports import ProviderRefused, RefundFact, TradeFact, TradeState
from ..registry import news_reader, provider_of
from .confirming import confirm_paid
from .refunding import apply_refund_fact

logger = logging.getLogger(__name__)

NOTIFICATION_REFUSED = audit.action("cashier.notification_refused", _("支付通知未通过验证"))
GIVEN_UP = audit.action("cashier.notification_given_up", _("支付通知多次处理失败，需人工查看"))
REPLAYED = audit.action("cashier.notification_replayed", _("重新处理支付通知"))

#: Who may have a notification worked on once more: whoever may ask the provider for a payment.
REPLAY = "payment.close"
#: Tries before a person has to look.
MAX_ATTEMPTS = 8
#: What is older and still not worked on is shown to people.
STUCK_AFTER = timedelta(minutes=5)
#: How long the task of the first delivery has before the sweep takes over.
GRACE = timedelta(seconds=30)


@dataclass(frozen=True)
class Incoming:
    """A notification as it came in, after the adapter looked at it: ``refusal`` is set unless it is genuine."""

    gateway: str
    headers: dict[str, str]
    body: bytes
    external_id: str | None
    kind: str
    refusal: str = ""


def store(incoming: Incoming) -> Notification | None:
    """Store a notification; a repetition of a known one only counts up and gives None.

    A refused one is stored, too (it is evidence), with an audit line. Processing starts after the commit.
    """
    if incoming.refusal:
        with transaction.atomic():
            row = Notification.objects.create(
                gateway=incoming.gateway,
                external_id=incoming.external_id,
                kind=incoming.kind[:64],
                headers=incoming.headers,
                body=incoming.body,
                state=NotificationState.REFUSED,
                last_error=incoming.refusal[:64],
            )
            audit.record(NOTIFICATION_REFUSED, row, after={"code": incoming.refusal})
        logger.error("a notification to %s was refused: %s", incoming.gateway, incoming.refusal)
        return row
    try:
        with transaction.atomic():
            row = Notification.objects.create(
                gateway=incoming.gateway,
                external_id=incoming.external_id,
                kind=incoming.kind[:64],
                headers=incoming.headers,
                body=incoming.body,
                next_attempt_at=now() + GRACE,
            )
    except IntegrityError:
        known = Notification.objects.filter(gateway=incoming.gateway, external_id=incoming.external_id)
        known.exclude(state=NotificationState.REFUSED).update(times_seen=F("times_seen") + 1)
        return None
    from ..tasks import process_notification

    transaction.on_commit(lambda: process_notification.delay(row.pk), robust=True)
    return row


def process(notification_pk: int) -> Notification:
    """Verify, decrypt and act on a stored notification; repeating it changes nothing.

    Verifying may need the provider (its certificates), so it comes before any lock. Acting and the mark "processed" are
    one transaction. A domain error or anything unforeseen is tried again later, at most :data:`MAX_ATTEMPTS` times.
    """
    row = Notification.objects.get(pk=notification_pk)
    if row.state != NotificationState.RECEIVED:
        return row
    try:
        fact = _read(row)
        with transaction.atomic():
            row = lock_rows(Notification.objects.filter(pk=notification_pk))[0]
            if row.state != NotificationState.RECEIVED:
                return row
            _act(row, fact)
    except Exception as error:  # noqa: BLE001 - kept for another try; never lost, never half-applied
        _postpone(notification_pk, error)
    return Notification.objects.get(pk=notification_pk)


def _read(row: Notification) -> TradeFact | RefundFact | ProviderRefused | Callable[[], None]:
    try:
        reader = news_reader(row.gateway)
        if reader is not None:
            return reader(dict(row.headers), bytes(row.body))
        return provider_of(row.gateway).read_notification(dict(row.headers), bytes(row.body))
    except ProviderRefused as refusal:
        return refusal


def _act(row: Notification, fact: TradeFact | RefundFact | ProviderRefused | Callable[[], None]) -> None:
    if isinstance(fact, ProviderRefused):
        move(row, "mark_refused", code=fact.code)
        audit.record(NOTIFICATION_REFUSED, row, after={"code": fact.code})
        return
    if isinstance(fact, RefundFact):
        apply_refund_fact(fact)
    elif callable(fact):
        fact()
    elif fact.state is TradeState.PAID:
        logger.info("notification %s: %s", row.pk, confirm_paid(fact))
    move(row, "mark_processed")


@transaction.atomic
def _postpone(notification_pk: int, error: Exception) -> None:
    known = isinstance(error, DomainError)
    logger.log(
        logging.WARNING if known else logging.ERROR,
        "notification %s failed: %s",
        notification_pk,
        error_code(error),
        exc_info=None if known else error,
    )
    row = lock_rows(Notification.objects.filter(pk=notification_pk))[0]
    if row.state != NotificationState.RECEIVED:  # another worker has done it meanwhile
        return
    row.attempts += 1
    row.last_error = error_code(error)[:64]
    row.next_attempt_at = now() + timedelta(seconds=10 * 2**row.attempts)
    row.save(update_fields=["attempts", "last_error", "next_attempt_at"])
    if row.attempts >= MAX_ATTEMPTS:
        move(row, "mark_dead")
        audit.record(GIVEN_UP, row, after={"code": row.last_error})


def replay(notification_pk: int) -> Notification:
    """A person asks for another try of a dead notification. Raises IllegalMove for any other."""
    row = Notification.objects.get(pk=notification_pk)
    with transaction.atomic():
        move(row, "revive")
        audit.record(REPLAYED, row)
    return process(notification_pk)


def replay_by_staff(user: Any, notification_pk: int) -> Notification:
    """The same, asked for by somebody of the staff. Raises OutOfScope, NotAllowed, IllegalMove."""
    require(user, REPLAY, get_row(user, Notification, pk=notification_pk))
    return replay(notification_pk)


def stuck() -> Q:
    """A condition on notifications that people must look at: given up, or five minutes old and not worked on."""
    old = Q(state=NotificationState.RECEIVED, received_at__lt=now() - STUCK_AFTER)
    return old | Q(state=NotificationState.DEAD)


def process_due(limit: int = 200) -> int:
    """Process what a lost task or an earlier failure left behind; returns how many were tried."""
    due = Notification.objects.filter(state=NotificationState.RECEIVED, next_attempt_at__lte=now())
    return drive_each(due.order_by("next_attempt_at").values_list("pk", flat=True)[:limit], process)
