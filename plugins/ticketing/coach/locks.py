"""Locks of coach tickets.

In one transaction: the kernel's (passengers, the ticket order, its tickets), then the account (a name), then the bus's
day, then who is handed paper (a name), then paper ranges, then sheets; each by primary key.
"""

from __future__ import annotations

from collections.abc import Collection

from saleor_o2o.kernel.locks import AdvisoryKey, lock_rows

from .models import PaperRange, PaperSheet, ShiftDay


class CoachLock(AdvisoryKey):
    """ACCOUNT: whoever counts the orders of an account or a mobile; no row stands for its day. RECEIVE:
    whoever looks for passengers' orders, then whose order it is: their wrong proofs are counted one after the other.
    PAPER: whoever is handed paper tickets; he has one range at a time."""

    ACCOUNT = "coach.account"
    RECEIVE = "coach.receive"
    PAPER = "coach.paper"


def lock_day(pk: int) -> ShiftDay:
    """Lock a bus of a day, as it is now. Raises LockTimeout."""
    return lock_rows(ShiftDay.objects.filter(pk=pk), no_key=True)[0]


def lock_ranges(pks: Collection[int]) -> list[PaperRange]:
    """Lock ranges of paper tickets. Raises LockTimeout."""
    return lock_rows(PaperRange.objects.filter(pk__in=pks))


def lock_sheets(pks: Collection[int]) -> list[PaperSheet]:
    """Lock printed sheets. Raises LockTimeout."""
    return lock_rows(PaperSheet.objects.filter(pk__in=pks))
