"""Which suppliers may be asked now, and what their answers say of their health."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.prepared import Prepared

from ..choices import INSURANCE
from ..insurers import insurer_of
from ..models import SupplierAccount
from ..ports import SupplierRefused, SupplierSilent, supplier_of
from ..settings import failures_to_rest, rest

logger = logging.getLogger(__name__)
#: A supplier that answers all the time is not written down each time.
_OFTEN = timedelta(minutes=1)
#: A number that no insurance has: whoever says so is there.
_NOBODY = "PING"
RESTS = audit.action("ticketing.supplier_rests", "供应商连续失败，暂停使用")
BACK = audit.action("ticketing.supplier_back", "供应商恢复使用")


def is_open(account: SupplierAccount, moment: datetime) -> bool:
    """Whether it issues now: between its hours, which may go over midnight."""
    if account.opens is None or account.closes is None or account.opens == account.closes:
        return True
    time = moment.astimezone(SHANGHAI).time()
    if account.opens < account.closes:
        return account.opens <= time < account.closes
    return time >= account.opens or time < account.closes


def may_hold(account: SupplierAccount, moment: datetime) -> bool:
    """Whether something may be held there now: switched on, not resting, open or with a queue for the night."""
    resting = account.rests_until is not None and account.rests_until > moment
    return account.active and not resting and (account.hours_queue or is_open(account, moment))


def usable(codes: Iterable[str], trade: str, moment: datetime) -> list[SupplierAccount]:
    """The accounts of these codes that may be asked now, in their order. One statement, two where one has changed.

    The rows are shared by whoever asks: nobody writes to them.
    """
    return [row for row in _accounts(tuple(codes), str(trade)) if may_hold(row, moment)]


#: Where each version of the rows is: written anew, a row has another mark (0106).
_MARKS = Prepared(
    "supplier_marks",
    "SELECT coalesce(string_agg(ctid::text || xmin::text, ' ' ORDER BY id), '') FROM o2o_ticketing_supplieraccount"
    " WHERE code = ANY(%(codes)s) AND trade = %(trade)s",
    {"codes": "text[]", "trade": "text"},
)
_kept: dict[tuple[tuple[str, ...], str], tuple[str, list[SupplierAccount]]] = {}
_MOST = 256


def _accounts(codes: tuple[str, ...], trade: str) -> list[SupplierAccount]:
    [(marks,)] = _MARKS.rows({"codes": list(codes), "trade": trade})
    known = _kept.get((codes, trade))
    if known is not None and known[0] == marks:
        return known[1]
    rows = SupplierAccount.objects.filter(code__in=codes, trade=trade).order_by("priority", "code")
    if len(_kept) >= _MOST:
        _kept.clear()
    found = _kept[codes, trade] = (marks, list(rows))
    return found[1]


def note_ok(account: SupplierAccount) -> None:
    """It answered. Writes at most once a minute."""
    recent = account.last_ok is not None and account.last_ok > now() - _OFTEN
    if recent and not account.failures and account.rests_until is None:
        return
    SupplierAccount.objects.filter(pk=account.pk).update(failures=0, rests_until=None, last_ok=now())


def note_failure(account: SupplierAccount) -> None:
    """It was silent, or could not issue: after some in a row it rests."""
    moment = now()
    rows = SupplierAccount.objects.filter(pk=account.pk)
    rows.update(failures=F("failures") + 1, last_failure=moment)
    tired = rows.filter(Q(rests_until=None) | Q(rests_until__lte=moment), failures__gte=failures_to_rest())
    if tired.update(rests_until=moment + rest()):
        logger.error("supplier %s rests after failures in a row", account.code)
        with transaction.atomic():
            audit.record(RESTS, account, after={"failures": failures_to_rest()}, actor="system")


def ping_resting() -> int:
    """Ask resting suppliers whether they are back; how many are. No transaction is held while they are asked."""
    back = 0
    for account in SupplierAccount.objects.filter(active=True, rests_until__isnull=False).order_by("pk"):
        if is_well(account):
            SupplierAccount.objects.filter(pk=account.pk).update(failures=0, rests_until=None, last_ok=now())
            with transaction.atomic():
                audit.record(BACK, account, actor="system")
            back += 1
        elif account.rests_until is not None and account.rests_until <= now():
            SupplierAccount.objects.filter(pk=account.pk).update(rests_until=now() + rest())
    return back


def is_well(account: SupplierAccount) -> bool:
    """Whether a supplier answers a ping now."""
    try:
        if account.trade == INSURANCE:
            insurer_of(account.adapter).find(_NOBODY)
        else:
            supplier_of(account.adapter).ping()
    except (LookupError, SupplierRefused, SupplierSilent):
        return False
    return True
