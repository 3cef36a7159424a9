"""Failures are counted before the password is looked at, so that guesses side by side are bounded as well.

One row per account name and one per address, keyed by a digest: names that nobody has are counted like names that
somebody has, and no list of typed names builds up. Rows older than the window are swept away every hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index

from ..errors import LockedOut
from ..models import LoginThrottle
from ..places import Place
from ..rules import rules

_PURPOSE = "login_security.throttle"
#: One statement: two attempts at the same moment are two.
_COUNT = f"""
INSERT INTO {LoginThrottle._meta.db_table} AS row (key, attempts, since) VALUES (%(key)s, 1, %(now)s)
ON CONFLICT (key) DO UPDATE SET
  attempts = CASE WHEN row.since <= %(oldest)s THEN 1 ELSE LEAST(row.attempts + 1, 1000000) END,
  since = CASE WHEN row.since <= %(oldest)s THEN EXCLUDED.since ELSE row.since END
RETURNING attempts, since
"""  # noqa: S608 - the table's name is our own


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted; `succeeded` takes it off again."""

    account: str
    address: str


def account_key(name: str) -> str:
    """The key of an account name as typed; letter case and blanks around it do not make another one."""
    return "a:" + blind_index(name.strip().lower(), _PURPOSE)


def address_key(place: Place) -> str:
    """The key of an address."""
    return "i:" + blind_index(place.network, _PURPOSE)


def begin(name: str, place: Place) -> Attempt:
    """Count an attempt before it is looked at. Raises LockedOut when there were too many."""
    limits = rules()
    attempt = Attempt(account_key(name), address_key(place))
    locked: list[datetime] = []
    for key, most in ((attempt.account, limits.failures), (attempt.address, limits.address_failures)):
        attempts, since = _count(key)
        if attempts > most:
            locked.append(since + limits.window)
    if locked:
        raise LockedOut(max(locked))
    return attempt


def succeeded(attempt: Attempt) -> None:
    """Forget the account's failures and take this attempt off the address's."""
    LoginThrottle.objects.filter(key=attempt.account).delete()
    LoginThrottle.objects.filter(key=attempt.address, attempts__gt=0).update(attempts=F("attempts") - 1)


def locked_until(name: str) -> datetime | None:
    """Until when an account name is locked, None when it is not."""
    limits = rules()
    row = LoginThrottle.objects.filter(
        key=account_key(name), attempts__gte=limits.failures, since__gt=now() - limits.window
    ).first()
    return row.since + limits.window if row else None


def forget(name: str) -> bool:
    """Unlock an account name; False when nothing was counted."""
    return LoginThrottle.objects.filter(key=account_key(name)).delete()[0] > 0


def sweep() -> int:
    """Delete what no longer counts; returns how many rows."""
    return LoginThrottle.objects.filter(since__lte=now() - rules().window).delete()[0]


def _count(key: str) -> tuple[int, datetime]:
    moment = now()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": key, "now": moment, "oldest": moment - rules().window})
        attempts, since = cursor.fetchone()
    return attempts, since
