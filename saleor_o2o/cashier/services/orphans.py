"""Orphans: every check is asked what it finds; what is safe is repaired, the rest waits for people. Twice is once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.errors import DomainError, Text, error_code
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CashierErrorCode as Code
from ..errors import CashierError
from ..models import Orphan, OrphanState

logger = logging.getLogger(__name__)

#: Findings of one check in one round at most.
LIMIT = 100
HANDLE = "payment.refund"
FOUND = audit.action("cashier.orphan_found", _("发现账务异常"))
REPAIRED = audit.action("cashier.orphan_repaired", _("自动修复账务异常"))
HANDLED = audit.action("cashier.orphan_handled", _("处理账务异常"))


@dataclass(frozen=True, slots=True)
class Stray:
    """What a check found: the row (`subject` as in `Orphan`), its order if any, the amount (yuan), and a note."""

    subject: str
    key: int
    order_id: int | None = None
    amount: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of orphan. `find` reads only, at most :data:`LIMIT` rows; `repair` looks again under locks.

    `repair` may call the provider (no transaction is open) and answers whether it is right now; False or an error
    leaves it to people, as does a check without one.
    """

    kind: str
    title: Text
    find: Callable[[], Iterable[Stray]]
    repair: Callable[[Stray], bool] | None = None


_CHECKS: dict[str, Check] = {}


def register_check(check: Check) -> None:
    """Have a check asked by the job; apps call it when they are ready."""
    _CHECKS[check.kind] = check


def checks() -> tuple[Check, ...]:
    """All checks, in the order in which they were registered."""
    return tuple(_CHECKS.values())


def title_of(kind: str) -> str:
    """What to call a kind of finding; its code where its part is off."""
    return str(_CHECKS[kind].title) if kind in _CHECKS else kind


def find_orphans() -> dict[str, int]:
    """Ask every check; how many it found by kind. Trouble with one does not keep the others waiting.

    Takes no lock while looking; each repair takes its own.
    """
    found: dict[str, int] = {}
    for check in checks():
        try:
            strays = list(check.find())
            for stray in strays:
                _treat(check, stray)
            if len(strays) < LIMIT:
                _let_go(check, {stray.subject for stray in strays})
        except Exception:
            logger.exception("looking for %s failed", check.kind)
            continue
        if strays:
            found[check.kind] = len(strays)
    return found


def _treat(check: Check, stray: Stray) -> None:
    known = Orphan.objects.filter(kind=check.kind, subject=stray.subject)
    if known.filter(state=OrphanState.DONE, amount=stray.amount).exists():
        return  # people have said what is to become of it
    right = False
    if check.repair is not None:
        try:
            right = check.repair(stray)
        except Exception as error:
            logger.log(
                logging.WARNING if isinstance(error, DomainError) else logging.ERROR,
                "%s %s could not be repaired: %s",
                check.kind,
                stray.subject,
                error_code(error),
                exc_info=not isinstance(error, DomainError),
            )
    _write(check, stray, right=right)


@transaction.atomic
def _write(check: Check, stray: Stray, *, right: bool) -> None:
    found = {"order_id": stray.order_id, "amount": stray.amount, "note": stray.note[:200]}
    row, fresh = Orphan.objects.get_or_create(
        kind=check.kind, subject=stray.subject, state=OrphanState.OPEN, defaults=found
    )
    rows = lock_rows(Orphan.objects.filter(pk=row.pk, state=OrphanState.OPEN))
    if not rows:
        return
    orphan = rows[0]
    told = {"kind": check.kind, "subject": stray.subject, "amount": stray.amount, "note": stray.note}
    if right:
        move(orphan, "repair")
        audit.record(REPAIRED, orphan, after=told)
        logger.warning("%s %s was repaired", check.kind, stray.subject)
    elif fresh:
        audit.record(FOUND, orphan, after=told)
        logger.error("%s %s waits for people", check.kind, stray.subject)


def _let_go(check: Check, still: set[str]) -> None:
    """What is not found any more needs nobody."""
    for pk in Orphan.objects.filter(kind=check.kind, state=OrphanState.OPEN).values_list("pk", "subject"):
        if pk[1] in still:
            continue
        with transaction.atomic():
            rows = lock_rows(Orphan.objects.filter(pk=pk[0], state=OrphanState.OPEN))
            if rows:
                move(rows[0], "go")


@transaction.atomic
def handle(user: Any, orphan_pk: int, words: str) -> Orphan:
    """Somebody has dealt with a finding and says how; it is not raised again. Again: no change.

    Locks: the finding. Raises OutOfScope, NotAllowed, CashierError REASON_REQUIRED.
    """
    found = get_row(user, Orphan, pk=orphan_pk)
    require(user, HANDLE, found)
    if not words.strip():
        raise CashierError(Code.REASON_REQUIRED, field="words", message=_("请写明如何处理"))
    orphan = lock_rows(Orphan.objects.filter(pk=orphan_pk))[0]
    if orphan.state != OrphanState.OPEN:
        return orphan
    move(orphan, "finish", who=actor_label(user), words=words.strip()[:200])
    audit.record(HANDLED, orphan, after={"words": orphan.words})
    return orphan
