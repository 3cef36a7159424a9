"""Codes by text message: asked for within limits, tried five times, used once.

A code is a keyed digest bound to its number and purpose. Asking counts and writes under named locks of the number, the
network and the device, so that simultaneous requests are counted one after the other; no message is sent under them.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from plugins.login_security.interfaces import throttle
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.locks import advisory_lock, lock_rows

from ..devices import Device
from ..errors import CodeWrong, TooOften
from ..kinds import LimitSubject, Purpose
from ..limits import MINUTE, limits_in_force
from ..locks import MemberLock
from ..models import VerificationCode
from .locking_out import counted
from .sms import compose, dispatch

LIFE = timedelta(minutes=5)
TRIES = 5
#: Rows older than the longest span that limits count.
KEPT = timedelta(days=8)
TEMPLATE = "code"


@dataclass(frozen=True, slots=True)
class Asked:
    """A code that was asked for: what to ask about it with, and seconds until the next one may be asked for."""

    ticket: UUID
    again_after: int


def ask(
    mobile: str,
    purpose: Purpose,
    device: Device,
    *,
    silent: bool = False,
    template: str = TEMPLATE,
    told: Mapping[str, str] | None = None,
) -> Asked:
    """Make a code for a (cleaned) number and have it sent, in the words of `template` with `told` beside the code.

    `silent`: all but the message, where nobody may learn that there is nobody to send it to. The newest code makes
    those before it void. Locks: number, network, device (by name). Raises TooOften, LockTimeout, KeyError for an
    unknown template.
    """
    index = number_index(mobile)
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        subjects = {
            LimitSubject.MOBILE: index,
            LimitSubject.NETWORK: device.network_index,
            LimitSubject.DEVICE: device.index,
        }
        advisory_lock(MemberLock.CODES, *(f"{subject}:{key}" for subject, key in subjects.items() if key))
        _within_limits(subjects, purpose)
        parameters = {**(told or {}), "code": code, "minutes": str(LIFE.seconds // 60)}
        message = None if silent else compose(mobile, template, parameters, expires_after=LIFE)
        made = VerificationCode.objects.create(
            purpose=purpose, mobile_index=index, network_index=device.network_index, device_index=device.index,
            digest=_digest(index, purpose, code), expires_at=now() + LIFE, message=message,
        )  # fmt: skip
    if message is not None:
        dispatch(message)
    return Asked(made.ticket, _again_after())


def check(mobile: str, purpose: Purpose, code: str, device: Device) -> VerificationCode:
    """Look at a typed code; it is not used yet (`use`). A wrong one is counted, whatever becomes of the caller's work.

    Call it outside a transaction, before the work. Locks: the code, for the counting. Raises CodeWrong, LOCKED_OUT.
    """
    index = number_index(mobile)
    typed = "".join(unicodedata.normalize("NFKC", code[:50]).split())
    with counted(f"code:{mobile}", device) as attempt:
        with transaction.atomic():
            rows = lock_rows(_newest(index, purpose))
            row = rows[0] if rows else None
            right = row is not None and _good(row) and hmac.compare_digest(
                row.digest, _digest(index, purpose, typed)
            )  # fmt: skip
            if row is not None and not right and row.used_at is None:
                VerificationCode.objects.filter(pk=row.pk).update(failures=row.failures + 1)
        if row is None or not right:
            raise CodeWrong
        throttle.succeeded(attempt)
    return row


def use(checked: VerificationCode) -> None:
    """Use a code that was checked, in the transaction of what it is good for: of two at once, one does it.

    Locks: the code. Raises CodeWrong when it was used, or made void by a newer one, meanwhile.
    """
    rows = lock_rows(_newest(checked.mobile_index, Purpose(checked.purpose)))
    if not rows or rows[0].pk != checked.pk or not _good(rows[0]):
        raise CodeWrong
    VerificationCode.objects.filter(pk=checked.pk).update(used_at=now())


def state_of(ticket: UUID) -> str:
    """What became of the message of a code, for the one who asked: `sending`, `sent`, `failed`.

    A code without a message reads like one that was sent.
    """
    row = VerificationCode.objects.select_related("message").filter(ticket=ticket).first()
    if row is None:
        return "failed"
    if row.message is None:
        return "sent" if now() - row.asked_at > timedelta(seconds=1) else "sending"
    return {"sent": "sent", "refused": "failed", "expired": "failed"}.get(row.message.state, "sending")


def number_index(mobile: str) -> str:
    """How the codes of a cleaned number are found."""
    return blind_index(mobile, "members.code.number")


def sweep() -> int:
    """Delete codes that count for nothing any more; returns how many."""
    return VerificationCode.objects.filter(asked_at__lt=now() - KEPT).delete()[0]


def _newest(index: str, purpose: Purpose) -> QuerySet[VerificationCode]:
    newest = (
        VerificationCode.objects.filter(mobile_index=index, purpose=purpose).order_by("-pk").values("pk")[:1]
    )
    return VerificationCode.objects.filter(pk__in=newest)


def _good(row: VerificationCode) -> bool:
    return row.used_at is None and row.failures < TRIES and row.expires_at > now()


def _digest(index: str, purpose: Purpose, code: str) -> str:
    return blind_index(f"{index}\0{purpose}\0{code}", "members.code")


def _within_limits(subjects: dict[LimitSubject, str], purpose: Purpose) -> None:
    moment = now()
    for subject, limits in limits_in_force().items():
        key = subjects[subject]
        if not key or not limits:
            continue
        longest = timedelta(seconds=max(limit.seconds for limit in limits))
        rows = VerificationCode.objects.filter(**{f"{subject}_index": key}, asked_at__gt=moment - longest)
        asked: list[tuple[datetime, str]] = list(
            rows.order_by("-asked_at").values_list("asked_at", "purpose")[:1000]
        )
        waits = []
        for limit in limits:
            # Within a minute somebody who logs in may well go on to the next thing that takes a code.
            alike = subject == LimitSubject.MOBILE and limit.seconds <= MINUTE
            since = moment - timedelta(seconds=limit.seconds)
            within = [at for at, what in asked if at > since and (what == purpose or not alike)]
            if len(within) >= limit.most:
                free = within[limit.most - 1] + timedelta(seconds=limit.seconds)
                waits.append(int((free - moment).total_seconds()) + 1)
        if waits:
            raise TooOften(max(waits))


def _again_after() -> int:
    """Seconds until the same number may ask again, by the shortest limit of one."""
    singles = [limit.seconds for limit in limits_in_force()[LimitSubject.MOBILE] if limit.most == 1]
    return min(singles, default=0)
