"""A push: kept as it came, answered in the same breath, its work done by a task, once.

The answer is decided while WeChat waits, in the transaction that keeps the push: a repetition at the same moment waits
for that transaction and gets the same answer. What the push changes (followers, figures, bindings) is the task's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError, error_code
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.pace import retry_after

from .. import audits
from ..answering import Answer, answer_to
from ..models import Account, Push, PushState, Reply
from ..wire import BadPush, Said, read, reread, sealed
from . import consents, counting, following, sending, talking

logger = logging.getLogger(__name__)

#: What tells WeChat to be content and not to ask again.
CONTENT = "success"
#: How long the task of the first delivery has before the sweep takes over.
GRACE = timedelta(seconds=30)
#: Tries before a person has to look.
MAX_ATTEMPTS = 8
#: Refused pushes of one account kept in a minute: evidence, not a way to fill the disk.
REFUSED_KEPT = 30
#: How long what people wrote is kept.
KEPT = timedelta(days=90)


def take(account: Account, asked: Mapping[str, str], body: bytes) -> str:
    """Keep a push and give what is answered. Raises BadPush, after keeping it as refused."""
    try:
        said, text, encrypted = read(account, asked, body)
    except BadPush as bad:
        _refuse(account, body, bad.code)
        raise
    answer = _answered_once(account, said, text)
    if not answer:
        return CONTENT
    return sealed(account, answer, asked) if encrypted else answer


def _answered_once(account: Account, said: Said, text: str) -> str:
    try:
        with transaction.atomic():
            push = Push.objects.create(
                account=account,
                key=said.identity,
                kind=said.kind,
                event=said.event,
                body=text,
                next_at=now() + GRACE,
            )
            answer = _decided(account, said)
            if answer.xml or answer.rule:
                push.answer, push.answered_by = answer.xml, answer.rule
                push.save(update_fields=["answer", "answered_by"])
            pk = push.pk
            transaction.on_commit(lambda: _start(pk), robust=True)
            return answer.xml
    except IntegrityError:
        known = Push.objects.filter(account=account, key=said.identity)
        known.update(times_seen=F("times_seen") + 1)
        return known.values_list("answer", flat=True).first() or ""


def _decided(account: Account, said: Said) -> Answer:
    try:
        with transaction.atomic():
            return answer_to(account, said)
    except Exception as error:
        # the neighbour gets nothing, WeChat is content, and the push is there to be worked on
        logger.exception("no answer decided for a push to %s: %s", account.code, error_code(error))
        return Answer()


def _start(push_pk: int) -> None:
    from ..tasks import process_push

    process_push.delay(push_pk)


def _refuse(account: Account, body: bytes, code: str) -> None:
    logger.warning("a push to %s was refused: %s", account.code, code)
    if retry_after("official-account-refused", account.code, REFUSED_KEPT):
        return
    with transaction.atomic():
        row = Push.objects.create(
            account=account, body=body.decode("utf-8", "replace"), state=PushState.REFUSED, last_error=code
        )
        audit.record(audits.PUSH_REFUSED, row, after={"code": code})


def process(push_pk: int) -> None:
    """Do what a push asks for; repeating it changes nothing. What fails is tried again later, `MAX_ATTEMPTS` times.

    Locks, in this order: push, fan, customer; the code's figures last.
    """
    try:
        with transaction.atomic():
            [push] = lock_rows(Push.objects.filter(pk=push_pk).select_related("account", "answered_by"))
            if push.state != PushState.RECEIVED:
                return
            said = reread(push.account, push.body)
            fan = following.apply(push.account, said)
            if said.event == "templatesendjobfinish":
                told = said.values
                sending.finished(push.account, str(told.get("MsgID", "")), str(told.get("Status", "")))
            consents.noted(fan, said)
            if said.event == consents.SENT:
                for one in consents.items_of(said):
                    sending.notice_finished(fan, one)
            talking.heard(fan, said, push.answered_by)
            if push.answered_by_id:
                Reply.objects.filter(pk=push.answered_by_id).update(hits=F("hits") + 1)
            counting.count_tap(push.account, said)
            push.fan, push.state, push.done_at, push.next_at = fan, PushState.DONE, now(), None
            push.save(update_fields=["fan", "state", "done_at", "next_at"])
    except Exception as error:  # noqa: BLE001 - kept for another try; never lost, never half-applied
        _postpone(push_pk, error)


@transaction.atomic
def _postpone(push_pk: int, error: Exception) -> None:
    known = isinstance(error, DomainError)
    logger.log(
        logging.WARNING if known else logging.ERROR,
        "push %s failed: %s", push_pk, error_code(error), exc_info=None if known else error,
    )  # fmt: skip
    [push] = lock_rows(Push.objects.filter(pk=push_pk))
    if push.state != PushState.RECEIVED:
        return
    push.attempts += 1
    push.last_error = error_code(error)[:64]
    push.next_at = now() + timedelta(seconds=10 * 2**push.attempts)
    if push.attempts >= MAX_ATTEMPTS:
        push.state, push.next_at = PushState.DEAD, None
        audit.record(audits.PUSH_GIVEN_UP, push, after={"code": push.last_error})
    push.save(update_fields=["attempts", "last_error", "next_at", "state"])


def process_due(limit: int = 200) -> int:
    """Do what a lost task or an earlier failure left behind; returns how many were tried."""
    due = Push.objects.filter(state=PushState.RECEIVED, next_at__lte=now()).order_by("next_at")
    keys = list(due.values_list("pk", flat=True)[:limit])
    for key in keys:
        process(key)
    return len(keys)


def forget_old(limit: int = 5000) -> int:
    """Delete what people wrote long ago; returns how many."""
    old = Push.objects.filter(received_at__lt=now() - KEPT).exclude(state=PushState.RECEIVED)
    gone, _by_model = Push.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])).delete()
    return gone
