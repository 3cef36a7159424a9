"""Locks with a bounded wait: rows in primary-key order, and named advisory locks where no row exists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.db.models import Model, QuerySet
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext_lazy as _

from .errors import DomainError, KernelErrorCode
from .prepared import Prepared

M = TypeVar("M", bound=Model)

DEFAULT_TIMEOUT = 3.0

# lock_not_available, deadlock_detected: for the person both mean "somebody else is at it".
_BUSY = frozenset({"55P03", "40P01"})
# invalid_parameter_value
_REFUSED_VALUE = "22023"
#: There is such a row already.
UNIQUE_VIOLATION = "23505"


class LockTimeout(DomainError):
    """Somebody else holds the rows and did not let go in time. The transaction must roll back."""

    def __init__(self) -> None:
        super().__init__(
            KernelErrorCode.LOCK_TIMEOUT, _("当前操作人数较多，请稍后再试"), hint=_("没有任何扣款或变更")
        )


class AdvisoryKey(Enum):
    """Base of the registries of advisory locks: subclass it, one member per lock, values unique everywhere.

    ```
    class OrgLock(AdvisoryKey):
        TREE = "org_hierarchy.tree"
    ```
    """

    def __init__(self, label: str) -> None:
        owner = f"{type(self).__module__}.{type(self).__qualname__}"
        if _advisory_owners.setdefault(label, owner) != owner:
            raise ValueError(f"advisory key {label!r} is already taken by {_advisory_owners[label]}")


_advisory_owners: dict[str, str] = {}


def require_transaction() -> None:
    """Raise TransactionManagementError outside `transaction.atomic()`."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("this must be called inside transaction.atomic()")


@dataclass(frozen=True)
class _Bound:
    """That this transaction's waits are bounded already: one statement less for every further lock.

    It is kept among what the transaction does on commit, doing nothing: so it is forgotten when the transaction ends,
    and when a savepoint is rolled back that had set the bound, which undoes the setting too.
    """

    milliseconds: int

    def __call__(self) -> None:
        return None

    @staticmethod
    def holds(milliseconds: int) -> bool:
        for entry in reversed(connection.run_on_commit):
            if isinstance(entry[1], _Bound):
                return entry[1].milliseconds == milliseconds
        return False


@contextmanager
def bounded_wait(timeout: float | None = None) -> Iterator[None]:
    """Bound every lock wait in the block and turn giving up into `LockTimeout`.

    `timeout` in seconds (default: setting `O2O_LOCK_TIMEOUT`, 3). The bound stays for the rest of the
    transaction. Raises TransactionManagementError outside one, and ImproperlyConfigured unless it is
    READ COMMITTED: under any other isolation a statement after the lock would read what was before it.
    """
    milliseconds = _bound(timeout)
    if not _Bound.holds(milliseconds):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true), current_setting('transaction_isolation')",
                [f"{milliseconds}ms"],
            )
            isolation = cursor.fetchone()[1]
        if isolation != "read committed":
            raise ImproperlyConfigured(f"locks need READ COMMITTED, this transaction is {isolation.upper()}")
        transaction.on_commit(_Bound(milliseconds))
    with _giving_up():
        yield


@contextmanager
def bounded_along(timeout: float | None = None) -> Iterator[str]:
    """`bounded_wait` whose setting travels with the block's first statement: gives the SQL to be put before it.

    For what a crowd asks: a round trip less. That statement must be sent as the first thing in the block, and the
    transaction (or savepoint) must roll back if it fails. Raises as `bounded_wait`.
    """
    milliseconds = _bound(timeout)
    if _Bound.holds(milliseconds):
        before = ""
    else:
        # a time that is none under another isolation: PostgreSQL refuses it
        before = (
            "SELECT set_config('lock_timeout', CASE current_setting('transaction_isolation') "
            f"WHEN 'read committed' THEN '{milliseconds}ms' ELSE 'isolation' END, true); "
        )
        transaction.on_commit(_Bound(milliseconds))
    try:
        with _giving_up():
            yield before
    except DatabaseError as error:
        if before and sqlstate(error) == _REFUSED_VALUE:
            raise ImproperlyConfigured("locks need READ COMMITTED") from error
        raise


@contextmanager
def _giving_up() -> Iterator[None]:
    """Turn the database's word that a wait was given up into `LockTimeout`."""
    try:
        yield
    except DatabaseError as error:
        if sqlstate(error) not in _BUSY:
            raise
        transaction.set_rollback(True)
        raise LockTimeout from error


def _bound(timeout: float | None) -> int:
    """In milliseconds."""
    require_transaction()
    seconds = getattr(settings, "O2O_LOCK_TIMEOUT", DEFAULT_TIMEOUT) if timeout is None else timeout
    # PostgreSQL reads 0 as "wait for ever".
    return max(1, round(seconds * 1000))


def lock_rows(queryset: QuerySet[M], *, timeout: float | None = None, no_key: bool = False) -> list[M]:
    """Lock the rows of a queryset, in primary-key order, and return them as they are now.

    Locks: `SELECT … FOR UPDATE OF self`, until the transaction ends. Check and write after it, never before. `no_key`:
    FOR NO KEY UPDATE, for rows that others point new rows to while they hold locks that come later: a foreign key
    waits for a row that is locked FOR UPDATE. Raises LockTimeout, and what `bounded_wait` raises.
    """
    with bounded_wait(timeout):
        return list(queryset.order_by("pk").select_for_update(of=("self",), no_key=no_key))


def advisory_lock(
    key: AdvisoryKey, *objects: int | str, timeout: float | None = None, shared: bool = False
) -> None:
    """Take a named lock until the transaction ends: the whole name, or one per object (in a fixed order).

    `shared`: beside others who share it, while nobody has it alone. Only where no single row can be locked (the
    organisation tree). Raises LockTimeout, and what `bounded_wait` raises.
    """
    numbers = sorted({advisory_number(key, subject) for subject in objects or ("",)})
    with bounded_wait(timeout), connection.cursor() as cursor:
        for number in numbers:
            take = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
            cursor.execute(f"SELECT {take}(%s)", [number])


#: LIMIT ends the scan at the first one got: nothing after it is locked.
_FIRST = Prepared(
    "first_unlocked",
    "SELECT number FROM unnest(%(numbers)s) AS number WHERE pg_try_advisory_xact_lock(number) LIMIT 1",
    {"numbers": "bigint[]"},
)


def first_unlocked(key: AdvisoryKey, objects: Sequence[int | str], before: str = "") -> int | str | None:
    """Lock the first of these objects that nobody has locked, without waiting; None when all are. One statement.

    For things of which any will do: whoever comes at the same time takes another one. `before`: SQL without values that
    goes ahead in the same round trip. Raises TransactionManagementError outside a transaction.
    """
    require_transaction()
    numbers = {advisory_number(key, subject): subject for subject in objects}
    found = _FIRST.rows({"numbers": list(numbers)}, before)
    return numbers[found[0][0]] if found else None


def advisory_keys() -> Iterable[str]:
    """Return the names of all registered advisory locks."""
    return sorted(_advisory_owners)


@lru_cache(maxsize=4096)
def advisory_number(key: AdvisoryKey, subject: int | str) -> int:
    """The number by which PostgreSQL knows a lock, for statements that take it along with something else."""
    digest = hashlib.blake2b(f"{key.value}:{subject}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def sqlstate(error: DatabaseError) -> str | None:
    """What PostgreSQL calls an error: five letters of the SQL standard; None where it did not say it."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    return state if isinstance(state, str) else None
